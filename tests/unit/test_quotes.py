"""Quotes of files in answers: found, and checked against the pages."""

import pytest

from chat_app.models.file_content import Page
from chat_app.models.parts import Source
from chat_app.services.answering.quotes import INSTRUCTIONS, QuotedFile, quoted_sources

REPORT = QuotedFile(
    "f1",
    "report (1).pdf",
    [
        Page(1, "It rained in Seoul.\nSales rose by 1.5 % to 200 million."),
        Page(2, "The well-\nknown exam-\nple is “good”. 비가 많이\n왔다. The last sentence goes"),
        Page(3, "on here. 매출은 늘었다."),
    ],
)
NOTES = QuotedFile("f2", "notes.txt", [Page(1, "Buy milk and bread.")])


def sources(answer: str) -> list[Source]:
    return quoted_sources(answer, [REPORT, NOTES])


def verified(quote: str, page: int = 2) -> bool | None:
    (source,) = sources(f'As it says, "{quote}" (report (1).pdf, p. {page}).')
    return source.is_verified


def test_a_quote_becomes_a_source_with_its_page():
    (source,) = sources('The weather: "It rained in Seoul." (report (1).pdf, p. 1). More.')
    assert source == Source("report (1).pdf", file_id="f1", page=1, quote="It rained in Seoul.", is_verified=True)


@pytest.mark.parametrize(
    "quote",
    [
        "it  rained in SEOUL",
        "It rained in Seoul, ...",
        "Sales rose by 1.5 % to 200 million",
        "It rained … 200 million.",
        "It rained [...] Sales rose",
    ],
)
def test_white_space_case_and_elisions_make_no_difference(quote: str):
    assert verified(quote, page=1)


@pytest.mark.parametrize("quote", ["the well-known example", "example is 'good'", "비가 많이 왔다", "비가 많이왔다."])
def test_hyphens_quotation_marks_and_spaces_in_korean_make_no_difference(quote: str):
    assert verified(quote)


@pytest.mark.parametrize(
    ("quote", "page"),
    [
        ("It rained in Busan.", 1),
        ("Sales rose by 15 % to 200 million", 1),
        ("200 million … It rained", 1),
        ("It rained in Seoul.", 2),
        ("It rained in Seoul.", 9),
        ("on here", 2),
        ("is", 2),
        ("…", 2),
    ],
    ids=["words", "number", "order", "page", "no-page", "next-page", "short", "nothing"],
)
def test_words_that_are_not_on_the_page_are_unverified(quote: str, page: int):
    assert verified(quote, page) is False


def test_a_quote_may_go_on_over_the_end_of_its_page():
    assert verified("The last sentence goes on here.", page=2)


def test_without_a_page_the_page_with_the_words_is_found():
    first, second = sources('"매출은 늘었다" (report (1).pdf) and "milk and bread" (notes.txt)')
    assert (first.page, first.is_verified) == (3, True)
    assert (second.page, second.file_id, second.is_verified) == (None, "f2", True)


@pytest.mark.parametrize(
    "reference",
    [
        "(report (1).pdf, p. 3)",
        "(Report (1).PDF, page 3)",
        "[report (1).pdf, 3]",
        "(**report (1).pdf**, 3쪽)",
        "(report (1).pdf, 3페이지)",
    ],
)
def test_references_are_read_as_models_write_them(reference: str):
    (source,) = sources(f"보고서에 따르면 “매출은 늘었다.” {reference}")
    assert (source.page, source.is_verified) == (3, True)


def test_what_is_no_quote_of_a_file_is_no_source():
    assert sources('He said "hello" (yesterday). See (report (1).pdf, p. 3). "It rained" in report (1).pdf') == []
    assert quoted_sources('"It rained" (report.pdf)', []) == []


def test_the_same_quote_is_one_source():
    assert len(sources('"It rained" (report (1).pdf, p. 1). ' * 3)) == 1


def test_names_match_in_any_composition():
    decomposed = QuotedFile("f", "\u1107\u1169\u1100\u1169.txt", [Page(1, "매출은 늘었다")])
    (source,) = quoted_sources('"매출은 늘었다" (보고.txt)', [decomposed])
    assert source.is_verified


def test_the_examples_of_the_instructions_are_quotes():
    files = [
        QuotedFile("a", "report.pdf", [Page(3, "It rained.")]),
        QuotedFile("b", "notes.txt", [Page(1, "It rained.")]),
    ]
    assert [source.is_verified for source in quoted_sources(INSTRUCTIONS, files)] == [True, True]
