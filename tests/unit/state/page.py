"""Pages without a browser: Reflex's own event processor runs the handlers, over a database in a file."""

import inspect
import json
import sqlite3
from base64 import b64decode
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import reflex as rx
from reflex.app import EventNamespace
from reflex.istate.manager.memory import StateManagerMemory
from reflex.istate.manager.token import BaseStateToken
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event, EventHandler
from reflex_base.event.processor import BaseStateEventProcessor
from reflex_base.event.processor.future import EventFuture
from reflex_base.utils.format import format_event_handler, json_dumps

from chat_app.infrastructure.security.identity import COOKIE, visitor
from chat_app.models.conversation import Conversation
from chat_app.models.message import Message
from chat_app.models.principal import Caller, Principal, network_of
from chat_app.services.asking.questions import Exchange
from chat_app.state.conversation.chat import ChatState
from chat_app.state.conversation.failures import Failures, report_failure
from chat_app.state.conversation.live_answer import LiveAnswer
from chat_app.state.conversation.message_actions import MessageActions
from chat_app.state.conversation.message_view import MessageView
from chat_app.state.settings.language import LanguageState
from chat_app.state.settings.my_data import MyData
from chat_app.state.sidebar.conversation_list import ConversationList
from chat_app.state.sidebar.conversation_menu import ConversationMenu
from chat_app.state.sidebar.search import SearchState
from chat_app.wiring import Services, override_services
from tests.fakes import ScriptedProvider
from tests.messages import assistant_message, user_message

_ORIGIN = "http://localhost:8000"


def cookie_of(name: str) -> str:
    """The ``Cookie`` header of a visitor; only the middleware checks the signature."""
    return f"{COOKIE}={name:A<43}.{'s' * 43}"


ANN, BOB = cookie_of("ann"), cookie_of("bob")


def principal_of(cookie: str) -> Principal:
    """The visitor with this cookie."""
    principal = visitor(cookie)
    assert principal
    return principal


class Page:
    """A browser tab, from the server's side.

    Attributes:
        path: Of its address, as in the events that it sends.
        cookie: Its ``Cookie`` header.
        redirects: The paths of the redirects that it received.
        scripts: The JavaScript that it received, and the other events for the browser.
        downloads: The downloads that it received, content by name.
    """

    def __init__(self, processor: BaseStateEventProcessor, cookie: str, address: str, language: str) -> None:
        self.path = "/"
        self.cookie = cookie
        self.redirects: list[str] = []
        self.scripts: list[str] = []
        self.downloads: dict[str, str] = {}
        self.token = str(uuid4())
        self._address = address
        self._language = language
        self._processor = processor
        self._futures: list[EventFuture] = []
        self._updates: list[dict[str, dict[str, Any]]] = []

    async def open(self, manager: StateManagerMemory) -> None:
        """Connect, as a page does before its first event."""
        root = await manager.get_state(BaseStateToken(ident=self.token, cls=rx.State))
        self.chat = await root.get_state(ChatState)
        self.actions = await root.get_state(MessageActions)
        self.failures = await root.get_state(Failures)
        self.live = await root.get_state(LiveAnswer)
        self.language = await root.get_state(LanguageState)
        self.my_data = await root.get_state(MyData)
        self.list = await root.get_state(ConversationList)
        self.menu = await root.get_state(ConversationMenu)
        self.search = await root.get_state(SearchState)
        await self.do(rx.State.hydrate)
        self._updates.clear()

    async def start(self, handler: object, *arguments: object) -> EventFuture:
        """Send an event; the future is done once its handler has returned."""
        assert isinstance(handler, EventHandler)
        names = list(inspect.signature(handler.fn).parameters)[1:]
        headers = {"cookie": self.cookie, "origin": _ORIGIN, "accept-language": self._language}
        router_data = {
            "pathname": self.path,
            "asPath": self.path,
            "query": {},
            "headers": headers,
            "ip": self._address,
            "token": self.token,
            "sid": self.token,
        }
        event = Event(
            name=format_event_handler(handler),
            payload=dict(zip(names, arguments, strict=True)),
            router_data=router_data,
        )
        future = await self._processor.enqueue(self.token, event)
        self._futures.append(future)
        return future

    async def do(self, handler: object, *arguments: object) -> None:
        """Send an event, and wait until its handler has returned; background tasks go on.

        Raises:
            Exception: The handler's exception.
        """
        await (await self.start(handler, *arguments))

    async def settle(self) -> None:
        """Wait until all handlers and background tasks of this page have ended."""
        for future in self._futures:
            with suppress(Exception):  # the server has noted it
                await future.wait_all()

    async def go(self, path: str) -> None:
        """Go to another address of the app."""
        self.path = path
        await self.do(ChatState.load)

    async def send(self, text: str, sent_id: str = "", *, model: object = "") -> None:
        """Send a message from the message box, and follow the redirect, if any."""
        await self.do(ChatState.send, {"message": text, "model": model}, sent_id)
        if self.path == "/" and self.redirects:
            await self.go(self.redirects[-1])

    @property
    def rows(self) -> list[MessageView]:
        """All messages on the page, oldest first."""
        return [*self.chat.messages, *self.chat.latest]

    @property
    def said(self) -> list[str]:
        """The texts of all messages on the page, oldest first."""
        return [said_in(row) for row in self.rows]

    @property
    def shown_live(self) -> str:
        """The text of the part that grows."""
        return self.live.head + self.live.middle + self.live.tail

    def sent(self, state: type[BaseState]) -> list[dict[str, Any]]:
        """The vars of ``state`` that the browser was sent, update by update."""
        name = state.get_full_name()
        return [update[name] for update in self._updates if name in update]

    def receive(self, update: StateUpdate) -> None:
        """Record an update from the server."""
        delta = json.loads(json_dumps(update.delta))
        self._updates.append(
            {
                name: {key.removesuffix("_rx_state_"): value for key, value in vars_.items()}
                for name, vars_ in delta.items()
            }
        )
        for event in update.events:
            if event.name == "_redirect":
                self.redirects.append(event.payload["path"])
            elif event.name == "_download":
                self.downloads[event.payload["filename"]] = _content_of(event.payload["url"])
            else:
                self.scripts.append(json_dumps(event.payload))


class Server:
    """The app's process, without HTTP.

    Attributes:
        services: The app's, over a database of its own.
        provider: The model.
        failures: The handlers' exceptions, in order.
    """

    def __init__(self, services: Services, provider: ScriptedProvider) -> None:
        self.services = services
        self.provider = provider
        self.failures: list[Exception] = []
        self._manager = StateManagerMemory()
        self._processor = BaseStateEventProcessor(backend_exception_handler=self._report)
        self._processor.configure(state_manager=self._manager, event_namespace=cast(EventNamespace, self))
        self._pages: dict[str, Page] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Take events of pages."""
        with override_services(self.services):
            async with self._processor:
                yield
        await self._manager.close()

    async def open(
        self, cookie: str = ANN, path: str = "/", *, address: str = "203.0.113.7", language: str = "en"
    ) -> Page:
        """A new tab, in which nothing has been loaded yet."""
        page = Page(self._processor, cookie, address, language)
        self._pages[page.token] = page
        page.path = path
        await page.open(self._manager)
        return page

    async def emit_update(self, update: StateUpdate, token: str) -> None:
        """Send an update to a page; Reflex calls this."""
        self._pages[token].receive(update)

    async def add(self, *texts: str, cookie: str = ANN, title: str = "Hello?", **fields: Any) -> Conversation:
        """Store a conversation with these texts: a question, its answer, the next question, its answer."""
        conversation = Conversation(owner=principal_of(cookie), title=title, **fields)
        messages: list[Message] = []
        for index, text in enumerate(texts):
            make = assistant_message if index % 2 else user_message
            parent_id = messages[-1].id if messages else None
            messages.append(make(text, conversation_id=conversation.id, parent_id=parent_id))
        conversation = replace(conversation, latest_id=messages[-1].id if messages else None)
        await self.services.store.add_conversation(conversation, messages)
        return conversation

    async def begin(self, *exchanges: str, cookie: str = ANN) -> Exchange:
        """Store a conversation: a question, its answer, the next question, its answer; returns the last of them."""
        caller, questions = Caller(principal_of(cookie), network_of("203.0.113.7")), self.services.questions
        question: Exchange | None = None
        for text, answer in zip(exchanges[::2], exchanges[1::2], strict=True):
            self.answer(answer)
            if question is None:
                question = await questions.begin_conversation(caller, text)
            else:
                conversation = await self.services.conversations.get(caller.principal, question.message.conversation_id)
                question = await questions.ask(caller, conversation, text)
            await self.ended(question.answer.id, cookie)
        assert question
        return question

    def take_failures(self) -> list[Exception]:
        """Return the handlers' exceptions so far, as expected by the test, and clear them."""
        failures, self.failures = self.failures, []
        return failures

    def answer(self, *pieces: Any) -> None:
        """Have the model stream this text, and finish."""
        self.provider.say(*pieces)
        self.provider.finish()

    async def ended(self, answer_id: str, cookie: str = ANN) -> None:
        """Wait until an answer has ended."""
        async for _ in self.services.answers.follow(answer_id, principal_of(cookie)):
            pass

    async def conversation(self, conversation_id: str, cookie: str = ANN) -> Conversation:
        """A conversation as storage has it."""
        return await self.services.conversations.get(principal_of(cookie), conversation_id)

    async def stored(self, conversation_id: str, cookie: str = ANN) -> Sequence[Message]:
        """The messages of a conversation as storage has them."""
        conversation = await self.conversation(conversation_id, cookie)
        return await self.services.conversations.messages(conversation, 1000)

    async def delete(self, conversation_id: str, cookie: str = ANN) -> None:
        """Delete a conversation, as another tab does."""
        await self.services.conversations.delete(principal_of(cookie), conversation_id)

    @contextmanager
    def storage_away(self, *tables: str) -> Iterator[None]:
        """Make these tables unreadable and unwritable inside the context; all tables without a name."""
        path = Path(self.services.settings.database_url.removeprefix("sqlite:///"))
        names = tables or ("conversations", "messages")
        with closing(sqlite3.connect(path, timeout=10)) as database:
            for name in names:
                database.execute(f"ALTER TABLE {name} RENAME TO {name}_away")
            try:
                yield
            finally:
                for name in names:
                    database.execute(f"ALTER TABLE {name}_away RENAME TO {name}")

    def _report(self, error: Exception) -> Any:
        self.failures.append(error)
        return report_failure(error)


def _content_of(url: str) -> str:
    """The text in a ``data:`` URL."""
    return b64decode(url.partition(";base64,")[2]).decode()


def said_in(row: MessageView) -> str:
    """The text of a message on the page."""
    return row.text or "".join(part.text for part in row.parts if part.kind == "text")
