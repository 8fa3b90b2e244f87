"""Titles suggested by the model after the first answer, in the background."""

from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager

import pytest

from chat_app.infrastructure.security.identity import visitor
from chat_app.models.conversation import Conversation
from chat_app.models.principal import Principal
from chat_app.wiring import Services
from tests.fake_upstream import FakeUpstream
from tests.server import ApiServer
from tests.stream_client import StreamClient, new_cookie

FIRST_WORDS = "Why is the sky blue?"
MOMENT = 0.3  # seconds, enough for a call to the model that must not come


class Visitor:
    """A visitor with a conversation in which "Why is the sky blue?" will be asked."""

    def __init__(self, server: ApiServer, client: StreamClient, cookie: str) -> None:
        self._server = server
        self._client = client
        self._owner = visitor(cookie) or Principal("")
        conversation = Conversation(owner=self._owner, title=FIRST_WORDS)
        self._id = conversation.id
        server.run(lambda services: services.store.add_conversation(conversation))

    def ask(self, message: str = FIRST_WORDS) -> str:
        """Ask, and return the status of the ended answer."""
        return self._client.post(message, conversation_id=self._id).done["status"]

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Ask; the answer runs inside the context, and ends after it."""
        with self._client.following(FIRST_WORDS, conversation_id=self._id) as frames:
            yield
            assert [frame.data.get("status") for frame in frames][-1] == "complete"

    def rename(self, title: str) -> None:
        self._server.run(lambda services: services.conversations.rename(self._owner, self._id, title))

    def title(self) -> str:
        """Return the current title."""
        return self._server.run(self._conversation).title

    def chosen_title(self) -> str:
        """Wait until the model or the visitor has set the title, and return it."""
        return self._server.run(self._titled).title

    async def _conversation(self, services: Services) -> Conversation:
        return await services.conversations.get(self._owner, self._id)

    async def _titled(self, services: Services) -> Conversation:
        async with aclosing(services.changes.watch(self._owner)) as watching:
            async for _ in watching:
                if (found := await self._conversation(services)).is_titled:
                    return found
        raise AssertionError


NewVisitor = Callable[..., Visitor]


@pytest.fixture
def new_visitor(serve: Callable[..., ApiServer], connect: Callable[..., StreamClient]) -> NewVisitor:
    """A function that creates a visitor of a server with suggested titles and the given settings."""

    def new_visitor(**settings: float) -> Visitor:
        server, cookie = serve(suggest_titles=True, **settings), new_cookie()
        return Visitor(server, connect(server, cookie=cookie), cookie)

    return new_visitor


def test_the_model_is_asked_for_a_title_with_the_question_and_the_answer(
    upstream: FakeUpstream, new_visitor: NewVisitor
):
    somebody = new_visitor()
    upstream.answer("Blue light scatters.")
    upstream.answer("Blue sky")
    assert somebody.ask() == "complete"
    assert somebody.chosen_title() == "Blue sky"
    prompt = upstream.requests[1].last_message
    assert FIRST_WORDS in prompt
    assert "Blue light scatters." in prompt


def test_the_model_is_asked_for_a_title_once(upstream: FakeUpstream, new_visitor: NewVisitor):
    somebody = new_visitor()
    somebody.ask()
    title = somebody.chosen_title()
    for _ in range(2):
        somebody.ask("And the sea?")
    assert not upstream.wait_calls(5, timeout=MOMENT)
    assert upstream.calls == 4
    assert somebody.title() == title


def test_the_end_of_an_answer_does_not_wait_for_the_title(upstream: FakeUpstream, new_visitor: NewVisitor):
    somebody = new_visitor()
    upstream.answer("Blue light scatters.")
    upstream.silent()
    assert somebody.ask() == "complete"
    assert upstream.wait_calls(2)
    assert somebody.ask("And the sea?") == "complete"
    assert somebody.title() == FIRST_WORDS
    assert upstream.calls == 3


def test_a_title_that_takes_too_long_is_given_up(upstream: FakeUpstream, new_visitor: NewVisitor):
    somebody = new_visitor(title_timeout=0.1)
    upstream.answer("Blue light scatters.")
    upstream.silent()
    somebody.ask()
    assert somebody.chosen_title() == FIRST_WORDS
    assert upstream.wait_closed()
    somebody.ask("And the sea?")
    assert not upstream.wait_calls(4, timeout=MOMENT)


def test_a_title_that_is_too_long_is_given_up(upstream: FakeUpstream, new_visitor: NewVisitor):
    somebody = new_visitor()
    upstream.answer("Blue light scatters.")
    upstream.answer("sky " * 5000, chunk_size=1000)
    somebody.ask()
    assert somebody.chosen_title() == FIRST_WORDS


def test_a_conversation_that_is_renamed_during_the_answer_keeps_its_title(
    upstream: FakeUpstream, new_visitor: NewVisitor
):
    somebody = new_visitor()
    upstream.hold(after=1)
    with somebody.asking():
        assert upstream.wait_held()
        somebody.rename("Mine")
        upstream.release()
    assert not upstream.wait_calls(2, timeout=MOMENT)
    assert somebody.title() == "Mine"


def test_an_answer_that_failed_gets_no_title_but_the_next_one_does(upstream: FakeUpstream, new_visitor: NewVisitor):
    somebody = new_visitor()
    upstream.reset_after(2)
    assert somebody.ask() == "failed"
    assert not upstream.wait_calls(2, timeout=MOMENT)
    upstream.answer("Blue light scatters.")
    upstream.answer("Blue sky")
    assert somebody.ask() == "complete"
    assert somebody.chosen_title() == "Blue sky"
