"""The conversation on the page: showing it, sending a message, streaming the answer."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import reflex as rx

from chat_app.models.conversation import Conversation
from chat_app.models.errors import ChatError, InvalidRequest, NotFound, StorageUnavailable, is_retryable
from chat_app.models.message import Message, Status
from chat_app.services.asking.history import unanswered
from chat_app.services.asking.questions import Exchange
from chat_app.state.conversation.answer_progress import AnswerProgress
from chat_app.state.conversation.live_answer import LiveAnswer
from chat_app.state.conversation.message_box import (
    get_outbox_ids,
    prepend_text,
    remove_from_outbox,
    restore_from_outbox,
    valid_ids,
)
from chat_app.state.conversation.message_view import MessageView, settled, view
from chat_app.state.event_helpers import assign, text_in
from chat_app.state.sidebar.search import SearchState
from chat_app.state.visitor import VisitorState
from chat_app.wiring import services

logger = logging.getLogger(__name__)

MESSAGE_BOX = "message"
MODEL_MENU = "model"
WINDOW = 30  # messages in the browser; earlier ones come on demand
LATEST = 8  # messages in the list that changes with each of them
BEFORE_HIT = 6  # messages
ALL = 1_000_000  # messages; no conversation has more
FRAME = 0.08  # seconds; more often, it would cost the browser more than it shows people

Events = AsyncGenerator[Any, None]


@dataclass(frozen=True)
class AgentView:
    """A model or an agent in the menu."""

    name: str
    title: str


class ChatState(VisitorState, rx.State):
    """The conversation that the page's address names, or a new one.

    Attributes:
        messages: The newest of the branch last looked at, oldest first, up to those in ``latest``.
        latest: The last of the branch, ``LATEST`` at most, apart from the others because Reflex sends a changed list
            whole. An answer being written is the last of them; its text is in ``LiveAnswer`` until it ends.
        is_loading: Whether an answer is being written.
        error: What went wrong, in the visitor's language; empty if nothing did.
        can_retry: Whether trying again can help.
        failed_id: The id of the answer that has failed with ``error``; empty if that is about something else.
        conversation_id: Which one it is, empty for a new one.
        title: Its title.
        is_new: Whether it is a new one, to be begun with the first message.
        is_missing: Whether the address names no conversation of this visitor's.
        has_earlier: Whether there are messages before the first of ``messages``.
        is_demo: Whether the built-in model answers.
        max_chars: How long a message may be; 0 until the server has said so.
        agents: Those that can be asked, the default one first.
    """

    messages: rx.Field[list[MessageView]] = rx.field(default_factory=list)
    latest: rx.Field[list[MessageView]] = rx.field(default_factory=list)
    is_loading: bool = False
    error: str = ""
    can_retry: bool = False
    failed_id: str = ""
    conversation_id: str = ""
    title: str = ""
    is_new: bool = False
    is_missing: bool = False
    has_earlier: bool = False
    is_demo: bool = False
    max_chars: int = 0
    agents: rx.Field[list[AgentView]] = rx.field(default_factory=list)

    @rx.event
    async def load(self) -> Events:
        """Show what the address names, as storage has it, and follow the answer if one is being written."""
        self.is_demo = services().settings.is_demo
        self.max_chars = services().settings.max_message_chars
        self.agents = [AgentView(each.name, each.title or each.name) for each in services().agents]
        shown_id, self.conversation_id = self.conversation_id, ""
        try:
            await self._show(*await self._wanted(shown_id))
        except NotFound:
            await self._show(None, 0)
            self.is_missing = True
        if self.is_loading:
            yield ChatState.follow
        yield get_outbox_ids(ChatState.give_back)

    @rx.event
    async def give_back(self, sent: list[str]) -> Events:
        """Put what was sent over a lost connection, and never arrived, back into the message box.

        The browser is asked for it, and answers after whatever it has sent over the new connection: that has arrived.
        """
        if not (sent_ids := valid_ids(sent)):
            return
        arrived_in = {each: await services().questions.conversation_of(self._principal, each) for each in sent_ids}
        lost = [sent_id for sent_id, conversation_id in arrived_in.items() if not conversation_id]
        yield [restore_from_outbox(MESSAGE_BOX, lost), remove_from_outbox(sent_ids)]
        # A first message arrived, but the redirect to its conversation was lost with the connection.
        begun = next(filter(None, arrived_in.values()), None)
        if begun and self.is_new:
            yield rx.redirect(f"/chat/{begun}")

    @rx.event
    async def load_earlier(self) -> None:
        """Show more of the messages before the first."""
        await self._show_earlier(len(self._rows) + WINDOW)

    @rx.event
    async def load_all(self) -> None:
        """Show all messages, so that the browser can search and print them."""
        await self._show_earlier(ALL)

    @rx.event
    async def send(self, form: dict[str, Any], sent_id: str) -> Events:
        """Ask what is in the message box, show it at once, and leave the answer to ``follow``.

        Args:
            sent_id: The id that the browser has made up for the answer, by which it can be found out later whether the
                message has arrived; empty where the browser doesn't keep the message.
        """
        text = text_in(form, MESSAGE_BOX)
        if not text.strip():
            return
        sent_ids = valid_ids([sent_id])
        try:
            known = await self._conversation()
            chosen = text_in(form, MODEL_MENU)
            model = chosen if services().agents.get(chosen) else ""
            question = await self._ask(known, text, next(iter(sent_ids), None), model)
        except Exception as error:
            yield [prepend_text(MESSAGE_BOX, text), remove_from_outbox(sent_ids)]
            if not isinstance(error, ChatError):
                raise
            # It is sent again from the box; to try again would answer the question before it.
            await self._refuse(error, can_retry=False)
            return
        if any(row.id == question.answer.id for row in self._rows):  # the event came twice
            yield remove_from_outbox(sent_ids)
            return
        self.conversation_id = question.message.conversation_id
        await self._begin(view(question.message), view(question.answer))
        yield remove_from_outbox(sent_ids)
        yield ChatState.follow
        yield rx.set_focus(MESSAGE_BOX)
        if known is None:
            yield rx.redirect(f"/chat/{self.conversation_id}")

    @rx.event
    async def refuse_long(self) -> None:
        """Say that what is in the message box is too long; the browser hasn't sent it."""
        await self._refuse(InvalidRequest(), can_retry=False)

    @rx.event
    async def try_again(self) -> Any:
        """Answer the last question anew."""
        return await self._change(lambda talk: services().questions.retry(self._caller, talk), can_retry=True)

    @rx.event
    async def stop(self) -> None:
        """Stop the answer being written; its text so far stays."""
        if self.live_id:
            await services().answers.stop(self.live_id, self._principal)

    @rx.event(background=True, supersedes=True)
    async def follow(self) -> None:
        """Stream the answer from its log into the page, in frames rather than tokens, up to its end."""
        async with self:
            answer_id, owner = self.live_id, self._principal
        if not answer_id:
            return
        progress = AnswerProgress()
        async with aclosing(services().answers.follow(answer_id, owner)) as batches:
            async for batch in batches:
                progress.add(batch)
                async with self:
                    if not await self._advance(answer_id, progress):
                        return
                # After the last as well: what begins and ends in one frame, the browser might not notice.
                await asyncio.sleep(FRAME)
        async with self:
            await self._settle(answer_id, progress)
        if progress.done and not progress.done.stored:
            await services().answers.wait_stored(answer_id)
            async with self:
                self.error = self.error.removesuffix((await self._texts()).not_stored).strip()

    @rx.var
    def live_id(self) -> str:
        """The id of the answer being written, empty while none is."""
        return self.latest[-1].id if self.is_loading and self.latest else ""

    @property
    def _rows(self) -> list[MessageView]:
        return [*self.messages, *self.latest]

    @property
    def _latest_id(self) -> str | None:
        """The id of the last message shown."""
        return self.latest[-1].id if self.latest else None

    @property
    def _window(self) -> int:
        """How many messages to show: what was shown already doesn't go away."""
        return max(WINDOW, len(self._rows))

    async def _conversation(self) -> Conversation | None:
        """The one that the address names or is about to name, ``None`` on the page for a new one.

        Raises:
            NotFound: There is none, or it is someone else's.
        """
        path = self.router.url.path
        conversation_id = self.conversation_id if path == "/" else path.removeprefix("/chat/")
        return await services().conversations.get(self._principal, conversation_id) if conversation_id else None

    async def _ask(self, conversation: Conversation | None, text: str, answer_id: str | None, model: str) -> Exchange:
        """Ask in this conversation, or in a new one.

        Raises:
            ChatError: As ``Questions.ask``.
        """
        if conversation is None:
            return await services().questions.begin_conversation(self._caller, text, answer_id, model=model)
        # Below what is shown here: another tab may have gone to another version meanwhile.
        seen = self._latest_id if conversation.id == self.conversation_id else None
        return await services().questions.ask(self._caller, conversation, text, answer_id, after=seen, model=model)

    async def _wanted(self, shown_id: str) -> tuple[Conversation | None, int]:
        """The conversation, and how many of its messages to show: on to the one that was found in it, if any was.

        Args:
            shown_id: The conversation on the page so far. When the connection has been lost, it is shown once more.

        Raises:
            NotFound: As ``_conversation``; or the message isn't there.
        """
        search = await self.get_state(SearchState)
        hit = search._pop_chosen()
        conversation = await self._conversation()
        window = self._window if conversation and conversation.id == shown_id else WINDOW
        if conversation is None or hit is None or hit.conversation_id != conversation.id:
            return conversation, window
        conversation, depth = await services().versions.ensure_on_branch(conversation, hit.message_id)
        search._scroll_to(hit)
        return conversation, max(window, depth + BEFORE_HIT)

    async def _refresh(self) -> bool:
        """Take over what another tab or program has changed; whether that began an answer, to be followed."""
        if not self.conversation_id:
            return False
        try:
            conversation = await services().conversations.get(self._principal, self.conversation_id)
        except NotFound:  # deleted; whoever acts on it hears that
            return False
        assign(self, title=conversation.title)
        if self.is_loading or conversation.latest_id == self._latest_id:
            return False
        await self._show(conversation, self._window)
        return self.is_loading

    async def _change(self, change: Callable[[Conversation], Awaitable[object]], *, can_retry: bool = False) -> Any:
        """Change the conversation, show what has become of it, and follow the answer if one has begun.

        Args:
            can_retry: As ``_refuse``.
        """
        try:
            if (conversation := await self._conversation()) is None:
                return None
            changed = await change(conversation)
            begun = changed.answer if isinstance(changed, Exchange) else None
            await self._show(await self._conversation(), self._window, begun)
        except ChatError as error:
            await self._refuse(error, can_retry=can_retry)
            return None
        return ChatState.follow if self.is_loading else None

    async def _show(self, conversation: Conversation | None, limit: int, begun: Message | None = None) -> None:
        """Show the newest ``limit`` messages of a conversation, or nothing.

        Args:
            begun: An answer that has just begun. It is shown as it was then, even if it has ended by now, so that the
                page sees it being written.
        """
        messages = await services().conversations.messages(conversation, limit + 1) if conversation else []
        if begun and messages and messages[-1].id == begun.id:
            messages[-1] = begun
        last, shown_id = messages[-1] if messages else None, self._latest_id
        self.conversation_id = conversation.id if conversation else ""
        self.title = conversation.title if conversation else ""
        self.is_new = conversation is None
        self.is_missing = False
        self.has_earlier = len(messages) > limit
        shown = messages[-limit:]
        versions = await services().versions.of(shown)
        # The last question isn't marked: the error of its answer is shown instead.
        marked = unanswered(shown) - {each.id for each in shown[-2:]}
        views = [view(each, versions[each.id], is_unanswered=each.id in marked) for each in shown]
        # The last question is in ``latest`` too, since the next one may mark it as unanswered.
        self.messages, self.latest = views[:-2], views[-2:]
        await self._take_up(last)
        # What is said already may say how long to wait, which isn't stored.
        if not (self.error and last and last.error_code and last.id == shown_id):
            await self._report(last.error_code if last else "", answer_id=last.id if last else "")

    async def _show_earlier(self, limit: int) -> None:
        if not self.has_earlier:
            return
        try:
            await self._show(await self._conversation(), limit)
        except ChatError as error:
            await self._refuse(error, can_retry=False)

    async def _take_up(self, last: Message | None) -> None:
        """Show the text that the last message has so far, if it is an answer being written."""
        live = await self.get_state(LiveAnswer)
        self.is_loading = last is not None and last.status is Status.STREAMING
        if last and self.is_loading:
            live._become(last.id, AnswerProgress(last.parts))
        else:
            live._become("")

    async def _begin(self, question: MessageView, answer: MessageView) -> None:
        """Show a question and its answer, which has just begun."""
        if len(self.latest) > 1 and self.latest[-1].is_unanswered:
            *others, before, last = self.latest
            self.latest = [*others, replace(before, is_unanswered=True), last]
        if len(self.latest) + 2 > LATEST:
            rows = self._rows
            self.has_earlier = self.has_earlier or len(rows) > WINDOW
            self.messages, self.latest = rows[-WINDOW:], []
        self.latest = [*self.latest, question, answer]
        self.is_loading = True
        (await self.get_state(LiveAnswer))._become(answer.id)
        await self._report("")

    async def _advance(self, answer_id: str, progress: AnswerProgress) -> bool:
        """Show a frame of the answer; ``False`` if the page has gone on to something else."""
        if self.live_id == answer_id:
            (await self.get_state(LiveAnswer))._show(progress)
        return self._latest_id == answer_id

    async def _settle(self, answer_id: str, progress: AnswerProgress) -> None:
        """Show the answer as it ended, unless the page has gone on to something else.

        Where it has been read from storage meanwhile, only how long to wait before trying again is news.
        """
        if not progress.done or self._latest_id != answer_id:
            return
        failure, is_live = progress.failure, self.live_id == answer_id
        if is_live:
            *others, begun = self.latest
            self.latest = [*others, settled(begun, progress.message(answer_id, progress.done))]
            self.is_loading = False
            (await self.get_state(LiveAnswer))._become("")
        if is_live or failure:
            await self._report(failure.code if failure else "", failure and failure.retry_after, answer_id)
            if not progress.done.stored:
                self.error = f"{self.error} {(await self._texts()).not_stored}".strip()

    async def _refuse(self, error: ChatError, *, can_retry: bool) -> None:
        """Say why something wasn't done.

        Args:
            can_retry: Whether to offer to try again where the error lets that help.
        """
        if isinstance(error, StorageUnavailable):
            logger.warning("an event of the page failed: %s, %r", error.code, str(error))
        await self._report(error.code, error.retry_after)
        self.can_retry = self.can_retry and can_retry

    async def _report(self, code: str, retry_after: float | None = None, answer_id: str = "") -> None:
        """Say what the error with this code is, or nothing without a code.

        Args:
            retry_after: Seconds to wait before trying again, where somebody has said so.
            answer_id: The id of the answer that has failed with it, if one has.
        """
        texts = await self._texts()
        self.error = texts.errors.get(code, texts.errors[ChatError.code]) if code else ""
        if retry_after:
            self.error += " " + texts.retry_after.format(seconds=ceil(retry_after))
        self.can_retry = bool(code) and is_retryable(code)
        self.failed_id = answer_id if code else ""
