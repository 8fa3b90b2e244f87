"""Passages of long documents: those that fit the question, within a length."""

from chat_app.models.file_content import Page
from chat_app.services.answering.passages import PASSAGE_CHARS, find_passages

FILLER = "The quick brown fox jumps over the lazy dog. " * 60
ONE_PASSAGE, SHORT = PASSAGE_CHARS + 100, 200


def found(question: str, *texts: str, max_chars: int = SHORT) -> list[tuple[int, str]]:
    pages = [Page(number, text) for number, text in enumerate(texts, 1)]
    return [(page.number, page.text) for page in find_passages(question, {"a": pages}, max_chars)["a"]]


def test_the_passage_with_the_words_of_the_question_is_found():
    ((number, text),) = found("When does the warranty expire?", FILLER, "The warranty expires in May.", FILLER)
    assert (number, text) == (2, "The warranty expires in May.")


def test_words_are_found_with_other_endings_and_in_any_case():
    assert found("GUARANTEES of warranties", FILLER, "A guaranteed warranty.")[0][0] == 2


def test_korean_words_are_found_with_other_particles():
    texts = ["날씨가 좋았다. " * 200, "올해 매출이 늘었다.", "직원은 모두 스무 명이다. " * 200]
    assert found("매출은 얼마인가요?", *texts)[0] == (2, "올해 매출이 늘었다.")


def test_rare_words_count_more_than_frequent_ones():
    texts = [*["the dog and the fox and the dog"] * 20, "the axolotl"]
    assert found("the dog or the axolotl", *texts, max_chars=40)[0][0] == 21


def test_passages_of_all_documents_compete():
    documents = {"a": [Page(1, FILLER)], "b": [Page(1, "About the axolotl."), Page(2, FILLER)]}
    chosen = find_passages("axolotl", documents, max_chars=50)
    assert chosen == {"a": [], "b": [Page(1, "About the axolotl.")]}


def test_passages_are_in_order_with_a_mark_for_what_is_left_out():
    text = f"Zebra one. {FILLER}Zebra two."
    ((_, excerpt),) = found("zebra", text, max_chars=2 * PASSAGE_CHARS + 200)
    assert excerpt.startswith("Zebra one.") and excerpt.endswith("Zebra two.")
    assert excerpt.count("[…]") == 1
    assert len(excerpt) < len(text)


def test_a_question_without_words_of_the_document_gets_its_beginning():
    ((number, text), *_) = found("요약해 주세요", FILLER, FILLER, max_chars=2 * ONE_PASSAGE)
    assert number == 1 and FILLER.startswith(text)


def test_the_length_is_kept_and_what_fits_is_whole():
    pages = [FILLER] * 10
    assert sum(len(text) for _, text in found("fox", *pages, max_chars=5_000)) <= 5_000
    assert [text for _, text in found("fox", *pages, max_chars=1_000_000)] == pages


def test_a_page_without_spaces_is_split_too():
    ((_, text),) = found("가", "가" * 10_000, max_chars=ONE_PASSAGE)
    assert 0 < len(text) <= ONE_PASSAGE


def test_nothing_to_search_finds_nothing():
    assert find_passages("a", {}, 100) == {}
    assert found("a") == []
    assert found("a", "") == []
    assert found("", FILLER, max_chars=0) == []
