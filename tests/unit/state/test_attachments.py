"""Files attached to the next message."""

import pytest

from chat_app.models.conversation import Conversation
from chat_app.models.message import Message, Role
from chat_app.models.parts import Text
from chat_app.state.conversation.attachments import Attachment
from chat_app.state.conversation.chat import ChatState
from chat_app.state.conversation.file_view import FileView
from chat_app.state.conversation.message_actions import MessageActions
from chat_app.state.conversation.model_menu import ChosenAbilities
from chat_app.texts import CATALOGUES
from tests.fakes import until
from tests.messages import assistant_message
from tests.unit.state.page import ANN, BOB, Page, Server, principal_of

TEXTS = CATALOGUES["en"]


async def upload(server: Server, name: str = "notes.txt", content: bytes = b"The sea", cookie: str = ANN) -> str:
    """Upload a file as the browser does; returns its id."""
    return (await server.services.files.upload(principal_of(cookie), name, content)).id


async def attach(server: Server, page: Page, *names: str) -> list[str]:
    ids = [await upload(server, name) for name in names]
    await page.do(ChatState.add_attachments, [{"id": file_id} for file_id in ids])
    return ids


def names_on(page: Page) -> list[str]:
    return [file.name for file in page.chat.attached]


async def test_attached_files_are_sent_with_the_message_and_shown_with_it(server: Server, page: Page):
    await attach(server, page, "a.txt", "b.txt")
    assert names_on(page) == ["a.txt", "b.txt"]
    server.answer("It is the sea.")
    await page.send("What is it?")
    await page.settle()
    assert names_on(page) == []
    assert [file.name for file in page.rows[0].files] == ["a.txt", "b.txt"]
    assert page.rows[0].files[0].size == "7 B"
    assert "The sea" in server.provider.calls[0][-1].text_with_documents
    await page.go(page.path)
    assert [file.name for file in page.rows[0].files] == ["a.txt", "b.txt"]


async def test_a_message_may_be_files_alone(server: Server, page: Page):
    await attach(server, page, "a.txt")
    await page.send("")
    assert (page.chat.title, page.rows[0].text) == ("a.txt", "")


async def test_files_of_earlier_messages_reach_the_model_again(server: Server, page: Page):
    await attach(server, page, "a.txt")
    for question in ("What is it?", "Is it deep?"):
        server.answer("Yes.")
        await page.send(question)
        await page.settle()
    assert "The sea" in server.provider.calls[1][0].text_with_documents
    assert server.provider.calls[1][-1].documents == ()


async def test_an_edited_message_keeps_its_files(server: Server, page: Page):
    await attach(server, page, "a.txt")
    server.answer("Yes.")
    await page.send("What is it?")
    await page.settle()
    server.answer("The sea.")
    await page.do(MessageActions.edit, page.rows[0].id, {"message": "Is it the sea?"})
    await page.settle()
    assert [file.name for file in page.rows[0].files] == ["a.txt"]
    assert "The sea" in server.provider.calls[1][-1].text_with_documents


async def test_a_file_can_be_taken_back(server: Server, page: Page):
    ids = await attach(server, page, "a.txt", "b.txt")
    await page.do(ChatState.remove_attachment, ids[0])
    assert names_on(page) == ["b.txt"]
    assert await server.services.store.files(principal_of(ANN), ids) == [
        await server.services.files.get(principal_of(ANN), ids[1])
    ]


async def test_someone_elses_file_is_not_attached(server: Server, page: Page):
    theirs = await upload(server, cookie=BOB)
    await page.do(ChatState.add_attachments, [{"id": theirs}])
    assert (names_on(page), page.chat.error) == ([], TEXTS.errors["not_found"])


@pytest.mark.parametrize(
    "results", [None, 1, "x", {}, [None], [1], [{"id": 1}], [{"id": "../x"}], [{"error": 1}], [[]]]
)
async def test_replies_that_are_none_attach_nothing(page: Page, results: object):
    await page.do(ChatState.add_attachments, results)
    assert (names_on(page), page.chat.error) == ([], "")


async def test_the_sentence_of_a_refused_upload_is_shown(page: Page):
    await page.do(ChatState.add_attachments, [{"error": {"code": "file_refused", "message": "That file is empty."}}])
    assert page.chat.error == "That file is empty."


async def test_too_many_files_are_refused_with_the_limit(server: Server, page: Page):
    limit = server.services.settings.max_files
    await attach(server, page, *(f"{number}.txt" for number in range(limit + 1)))
    assert page.chat.error == TEXTS.file_problems["too_many"].format(max=limit)
    await page.send("Look")
    assert len(names_on(page)) == limit + 1
    assert page.said == []


async def test_files_stay_with_their_conversation(server: Server, page: Page):
    await attach(server, page, "a.txt")
    other = await server.add("Hello", "Hi there.")
    await page.go(f"/chat/{other.id}")
    assert names_on(page) == []
    await page.go("/")
    assert names_on(page) == ["a.txt"]


async def test_a_message_in_the_queue_keeps_its_files(server: Server, page: Page):
    await page.send("One")
    await attach(server, page, "a.txt")
    await page.send("Two")
    assert names_on(page) == []
    await page.do(ChatState.take_back, page.chat.queued[0].id)
    assert names_on(page) == ["a.txt"]
    await page.send("Two")
    server.answer("First.")
    server.answer("Second.")
    await until(lambda: page.said == ["One", "First.", "Two", "Second."])
    assert [file.name for file in page.rows[2].files] == ["a.txt"]


async def test_files_of_an_imported_archive_that_someone_else_has_do_not_reach_the_model(server: Server, page: Page):
    theirs = await server.services.files.upload(principal_of(BOB), "secret.txt", b"My secret")
    conversation = Conversation(owner=principal_of(ANN), title="Imported", latest_id="answer")
    parts = (theirs.part, Text("Look"))
    question = Message(id="question", conversation_id=conversation.id, parent_id=None, role=Role.USER, parts=parts)
    answer = assistant_message("Yes.", id="answer", conversation_id=conversation.id, parent_id="question")
    await server.services.store.add_conversation(conversation, [question, answer])
    server.answer("No.")
    await page.go(f"/chat/{conversation.id}")
    await page.send("What is in it?")
    await page.settle()
    prompt = " ".join(turn.text_with_documents for turn in server.provider.calls[0])
    assert "secret.txt" in prompt
    assert "My secret" not in prompt


@pytest.mark.parametrize("images", [True, False])
async def test_the_page_knows_that_a_picture_is_attached_which_the_model_cannot_see(page: Page, images: bool):
    page.chat.abilities = ChosenAbilities(images=images)
    picture = FileView(id="0" * 32, name="sea.png", size="7 B", is_picture=True)
    assert not page.chat.has_unseen_pictures
    page.chat.attachments = [Attachment(file=picture, conversation_id=page.chat.conversation_id)]
    assert page.chat.has_unseen_pictures is not images
