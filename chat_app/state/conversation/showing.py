"""The messages on the page: a window on the newest ones of a branch, longer on demand."""

from collections.abc import Sequence
from dataclasses import dataclass

import reflex as rx

from chat_app.infrastructure.server.pages import page_path
from chat_app.models.conversation import DEFAULT_SETTINGS, Conversation
from chat_app.models.errors import ChatError, NotFound
from chat_app.models.message import Message, Role, Status
from chat_app.models.parts import growth
from chat_app.services.asking.history import unanswered
from chat_app.state.conversation.answer_progress import AnswerProgress
from chat_app.state.conversation.errors import ErrorState
from chat_app.state.conversation.live_answer import LiveAnswer
from chat_app.state.conversation.message_view import MessageView, view
from chat_app.state.conversation.model_menu import ModelMenuState
from chat_app.state.conversation.settings_form import SettingsForm
from chat_app.state.event_helpers import assign
from chat_app.state.sidebar.search import SearchState
from chat_app.wiring import services

WINDOW = 30  # messages in the browser; earlier ones come on demand
WINDOW_BYTES = 20_480  # of their text: the server keeps what is in the browser, for each page
LEAST = 2  # messages, however long
BEFORE_HIT = 6  # messages
ALL = 1_000_000  # messages; no conversation has more


@dataclass(frozen=True)
class Window:
    """The number of messages to show.

    Attributes:
        most: The largest number.
        least: The smallest one, however long the messages are; those before them have up to ``WINDOW_BYTES`` together.
    """

    most: int = WINDOW
    least: int = LEAST

    def count(self, sizes: Sequence[int]) -> int:
        """Count the messages to be shown, of those whose texts have ``sizes`` bytes, the newest last."""
        total = 0
        for count, size in enumerate(reversed(sizes[-self.most :])):
            total += size if count >= self.least else 0
            if total > WINDOW_BYTES:
                return count
        return min(len(sizes), self.most)


class ShowingState(ErrorState, ModelMenuState, rx.State, mixin=True):
    """Mixin: the conversation that the page's address names, as storage has it.

    Attributes:
        messages: The newest messages of the branch last shown, oldest first, up to those in ``latest``.
        latest: The last messages of the branch, apart from the others because Reflex sends a changed list whole. An
            answer that streams is the last of them; its text is in ``LiveAnswer`` until it ends.
        is_loading: Whether an answer streams.
        conversation_id: The id of the conversation; empty for a new one.
        title: Its title.
        is_new: Whether it is a new one, which begins with the first message.
        is_missing: Whether the address names no conversation of this visitor.
        has_earlier: Whether there are messages before the first of ``messages``.
        settings: The settings of the conversation, or those for the new one.
    """

    messages: rx.Field[list[MessageView]] = rx.field(default_factory=list)
    latest: rx.Field[list[MessageView]] = rx.field(default_factory=list)
    is_loading: bool = False
    conversation_id: str = ""
    title: str = ""
    is_new: bool = False
    is_missing: bool = False
    has_earlier: bool = False
    settings: rx.Field[SettingsForm] = rx.field(default_factory=SettingsForm)

    @rx.event
    async def load_earlier(self) -> None:
        """Show more of the messages before the first."""
        shown = len(self._rows)
        await self._show_earlier(Window(shown + WINDOW, shown + LEAST))

    @rx.event
    async def load_all(self) -> None:
        """Show all messages, so that the browser can search and print them."""
        await self._show_earlier(Window(ALL, ALL))

    @rx.var
    def live_id(self) -> str:
        """The id of the answer that streams; empty without one."""
        return self.latest[-1].id if self.is_loading and self.latest else ""

    @rx.var
    def follow_ups(self) -> list[str]:
        """The questions that are suggested after the last answer; none while it streams."""
        return [] if self.is_loading or not self.latest else [*self.latest[-1].follow_ups]

    @property
    def _rows(self) -> list[MessageView]:
        return [*self.messages, *self.latest]

    @property
    def _latest_id(self) -> str | None:
        """The id of the last message shown."""
        return self.latest[-1].id if self.latest else None

    @property
    def _window(self) -> Window:
        """The number of messages to show: at least those that are shown already."""
        shown = len(self._rows)
        return Window(max(WINDOW, shown), max(LEAST, shown))

    async def _conversation(self) -> Conversation | None:
        """The conversation that the address names or is about to name; ``None`` on the page for a new one.

        Raises:
            NotFound: The visitor has no such conversation.
        """
        path = page_path(self.router.url.path)
        conversation_id = self.conversation_id if path == "/" else path.removeprefix("/chat/").removesuffix("/")
        return await services().conversations.get(self._principal, conversation_id) if conversation_id else None

    async def _wanted(self, shown_id: str) -> tuple[Conversation | None, Window]:
        """The conversation to load and the number of its messages to show, up to a chosen search hit.

        Args:
            shown_id: The id of the conversation on the page so far, which is loaded again after a lost connection.

        Raises:
            NotFound: As ``_conversation``, or the hit's message has been deleted.
        """
        search = await self.get_state(SearchState)
        conversation = await self._conversation()
        hit = search._pop_chosen()  # after the read above: if that fails, the hit stays chosen
        window = self._window if conversation and conversation.id == shown_id else Window()
        if conversation is None or hit is None or hit.conversation_id != conversation.id:
            return conversation, window
        conversation, depth = await services().versions.ensure_on_branch(conversation, hit.message_id)
        search._scroll_to(hit)
        least = depth + BEFORE_HIT
        return conversation, Window(max(window.most, least), max(window.least, least))

    async def _refresh(self) -> bool:
        """Show changes by another tab or program; return True if there is an answer to follow now."""
        if not self.conversation_id:
            return False
        try:
            conversation = await services().conversations.get(self._principal, self.conversation_id)
        except NotFound:  # deleted: the next action on it shows the error
            return False
        assign(self, title=conversation.title)
        if self.is_loading or conversation.latest_id == self._latest_id:
            return False
        await self._show(conversation, self._window)
        return self.is_loading

    async def _show(self, conversation: Conversation | None, window: Window, begun: Message | None = None) -> None:
        """Show the newest messages of a conversation, or nothing.

        Args:
            begun: An answer that has just begun. It is shown as streaming even if it has ended by now, so that it is
                announced.
        """
        messages = await services().conversations.messages(conversation, window.most + 1) if conversation else []
        if begun and messages and messages[-1].id == begun.id:
            messages[-1] = begun
        last, shown_id = messages[-1] if messages else None, self._latest_id
        self.conversation_id = conversation.id if conversation else ""
        self.title = conversation.title if conversation else ""
        if conversation or not self.is_new:
            assign(self, settings=SettingsForm.of(conversation.settings if conversation else DEFAULT_SETTINGS))
        self.is_new = conversation is None
        self.is_missing = False
        count = window.count([_size(each) for each in messages])
        self.has_earlier = len(messages) > count
        shown = messages[len(messages) - count :]
        versions = await services().versions.of(shown)
        # The last question isn't marked: the error of its answer is shown instead.
        marked = unanswered(shown) - {each.id for each in shown[-2:]}
        views = [view(each, versions[each.id], is_unanswered=each.id in marked) for each in shown]
        # The last question is in ``latest`` too, since the next one may mark it as unanswered.
        self.messages, self.latest = views[:-2], views[-2:]
        answers = [each for each in shown if each.role is Role.ASSISTANT]
        self._select(answers[-1].author_id if answers else self.model)
        await self._show_live(last)
        # Keep an error that is shown already: its delay before a retry isn't stored.
        if not (self.error and last and last.error_code and last.id == shown_id):
            await self._report(last.error_code if last else "", answer_id=last.id if last else "")

    async def _show_earlier(self, window: Window) -> None:
        if not self.has_earlier:
            return
        try:
            await self._show(await self._conversation(), window)
        except ChatError as error:
            await self._refuse(error, can_retry=False)

    async def _show_live(self, last: Message | None) -> None:
        """Show the parts of the last message so far, if it is an answer that streams."""
        live = await self.get_state(LiveAnswer)
        self.is_loading = last is not None and last.status is Status.STREAMING
        if last and self.is_loading:
            live._switch_to(last.id, AnswerProgress(last.parts))
        else:
            live._switch_to("")


def _size(message: Message) -> int:
    return sum(len(growth(part).encode()) for part in message.parts)
