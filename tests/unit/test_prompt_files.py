"""Files in prompts: whole documents, or passages of those that don't fit; quotes in answers become sources."""

import pytest

from chat_app.agent import Ask
from chat_app.infrastructure.demo.provider import DemoProvider
from chat_app.models.errors import FileRefused
from chat_app.models.file_content import AttachedFile, Picture
from chat_app.models.message import Role, Turn
from chat_app.models.parts import Source, Text
from chat_app.models.principal import Principal, PrincipalKind
from chat_app.services.answering.ai_service import AIService, TimeLimits
from chat_app.services.answering.prompt_files import MAX_PICTURES, Prompt, with_files_read
from chat_app.services.answering.quotes import INSTRUCTIONS, quoted_sources
from tests.attached_files import deleted, file
from tests.fakes import ScriptedProvider, agents_of

PICTURE = Picture(b"png", "image/png", 4, 2)
FILLER = "The quick brown fox jumps over the lazy dog. " * 100


async def prompt(*turns: tuple[str, list[AttachedFile]], max_chars: int = 10_000, sees: bool | None = None) -> Prompt:
    asked = [Turn(Role.USER, text, tuple(files)) for text, files in turns]
    return await with_files_read(asked, max_chars, sees=sees)


async def test_a_document_that_fits_is_whole_with_the_numbers_of_its_pages():
    (turn,) = (await prompt(("Why?", [file("a<b.pdf", "One.", "Two.")]))).turns
    document = '<file name="a&lt;b.pdf">\n<page number="1"/>\nOne.\n\n<page number="2"/>\nTwo.\n</file>'
    assert turn.documents == (document, INSTRUCTIONS)
    assert turn.text_with_documents.endswith("\n\nWhy?")


async def test_of_a_document_that_does_not_fit_the_passages_for_the_question_are_sent():
    pages = [FILLER, "The warranty expires in May.", FILLER]
    (turn,) = (await prompt(("When does the warranty expire?", [file("a.pdf", *pages)]), max_chars=2_000)).turns
    assert '<page number="2"/>\nThe warranty expires in May.' in turn.documents[0]
    assert "it has 9028 characters in all" in turn.documents[0]
    assert len(turn.documents[0]) < 2_500


async def test_short_documents_stay_whole_beside_a_long_one():
    files = [file("long.pdf", FILLER, FILLER), file("short.txt", "Only this.")]
    (turn,) = (await prompt(("fox", files), max_chars=2_000)).turns
    assert turn.documents[1] == '<file name="short.txt">\nOnly this.\n</file>'


async def test_a_question_that_continues_another_searches_for_both():
    pages = [FILLER, "The warranty expires in May.", FILLER]
    first, second = (
        await prompt(("About the warranty?", [file("a.pdf", *pages)]), ("And when?", []), max_chars=1_000)
    ).turns
    assert "expires in May" in first.documents[0]
    assert second.documents == ()


async def test_the_newest_pictures_are_sent_within_the_limit():
    many = [file(f"{number}.png", picture=PICTURE, rendered=[PICTURE]) for number in range(MAX_PICTURES)]
    old, new = (await prompt(("a", [file("old.png", picture=PICTURE, rendered=[PICTURE])]), ("b", many))).turns
    assert (len(old.pictures), len(new.pictures)) == (0, MAX_PICTURES)
    assert "left out" in old.documents[0]
    (unseen,) = (await prompt(("a", many[:1]), sees=False)).turns
    assert (unseen.pictures, "left out" in unseen.documents[0]) == ((), True)


async def test_scanned_pages_are_pictures():
    (turn,) = (await prompt(("a", [file("scan.pdf", "", "", rendered=[PICTURE, PICTURE])]))).turns
    assert turn.pictures == (PICTURE, PICTURE)
    assert "Scanned pages; the first 2 are pictures here." in turn.documents[0]


async def test_files_that_cannot_be_read_are_named():
    files = [deleted("gone.pdf"), file("scan.pdf", "", rendered=FileRefused("damaged"))]
    (turn,) = (await prompt(("a", files))).turns
    assert "deleted" in turn.documents[0]
    assert "no text" in turn.documents[1]


async def answer(text: list[str], *files: AttachedFile) -> list[object]:
    provider = ScriptedProvider()
    service = AIService(agents_of(provider), limits=TimeLimits(5), max_chars=10_000)
    provider.say(*text)
    provider.finish()
    ask = Ask(messages=(Turn(Role.USER, "Why?", files),), user=Principal("a", PrincipalKind.LOCAL))
    return [event async for event in service.answer(ask)]


async def test_quotes_in_an_answer_become_checked_sources_before_its_end():
    events = await answer(['It says "It ', 'rained." (a.txt). And "It snowed." (a.txt)'], file("a.txt", "It rained."))
    assert events[2:-1] == [
        Source("a.txt", file_id="id of a.txt", quote="It rained.", is_verified=True),
        Source("a.txt", file_id="id of a.txt", quote="It snowed.", is_verified=False),
    ]


@pytest.mark.parametrize("files", [[], [file("b.txt", "It rained.")]])
async def test_an_answer_without_quotes_of_its_files_has_no_sources(files: list[AttachedFile]):
    assert [event for event in await answer(['"It rained." (a.txt)'], *files) if isinstance(event, Source)] == []


class TestDemo:
    """The demo model shows what happens to quotes."""

    @pytest.mark.parametrize("question", ["", "What is in here?", "안에 뭐가 있어?"])
    async def test_it_quotes_a_document_and_makes_one_quote_up(self, question: str):
        files = [file("p.png", picture=PICTURE), file("a_b.pdf", "## *x*\n", "Notes\nThe warranty expires in May.\n")]
        read = await prompt((question, files))
        answer = "".join(
            [each.text async for each in DemoProvider(pace=0).stream(read.turns) if isinstance(each, Text)]
        )
        first, second = quoted_sources(answer, read.files)
        assert (first.quote, first.page, first.is_verified) == ("The warranty expires in May.", 2, True)
        assert second.is_verified is False

    async def test_it_lists_files_without_text(self):
        read = await prompt(("", [file("p.png", picture=PICTURE)]))
        answer = "".join(
            [each.text async for each in DemoProvider(pace=0).stream(read.turns) if isinstance(each, Text)]
        )
        assert "- **p.png**" in answer
        assert "“" not in answer
