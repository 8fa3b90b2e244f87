"""Search words, and excerpts: one line of a text around them."""

import time
import unicodedata

import pytest

from chat_app.services.conversations.excerpt import (
    CHARS_AFTER,
    CHARS_BEFORE,
    MAX_DISTANCE,
    Fragment,
    excerpt,
    highlighted,
    words_in,
)

FAMILY, FLAG, WAVE = "👩‍👩‍👧‍👦", "🇰🇷", "👋🏽"


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def brackets(pieces: list[Fragment]) -> str:
    """The line, with brackets around the highlighted fragments."""
    return "".join(f"[{piece.text}]" if piece.is_match else piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("red apples", ["apples", "red"]),
        ("  red\napples\t", ["apples", "red"]),
        ("red Red RED", ["red"]),
        ("apple app pineapple", ["pineapple"]),
        ("사과 사과나무", ["사과나무"]),
        (decomposed("사과"), ["사과"]),
        ("", []),
        (" \n", []),
    ],
)
def test_words_are_what_is_between_spaces_without_those_that_are_part_of_others(query: str, words: list[str]):
    assert words_in(query) == words


@pytest.mark.parametrize(
    ("text", "query", "line"),
    [
        ("Red apples do.", "apple", "Red [apple]s do."),
        ("Red APPLES do.", "apple", "Red [APPLE]S do."),
        ("ÉCOLE", "école", "[ÉCOLE]"),
        ("ΟΔΟΣ, οδος, οδός", "οδος", "[ΟΔΟΣ], [οδος], οδός"),
        ("Is İstanbul big?", "istanbul", "Is [İstanbul] big?"),
        ("사과나무", "과나", "사[과나]무"),
        (decomposed("사과나무"), "과나", "사[과나]무"),
        (decomposed("L'école"), "école", "L'[école]"),
        ("One, two, one", "one", "[One], two, [one]"),
        ("(a|b)*", "|b)*", "(a[|b)*]"),
        ("Pears.", "apple", "Pears."),
        ("", "apple", ""),
        ("apple", "apple", "[apple]"),
        ("Red apples", "apple red", "[Red apple]s"),
        ("Red\n\napples", "red apples", "[Red apples]"),
        ("내일 서울 날씨는 맑아요.", "날씨 내일", "[내일] 서울 [날씨]는 맑아요."),
        ("apple", "appl pple", "[apple]"),
        ("Pears only.", "pears apples", "[Pears] only."),
    ],
)
def test_an_excerpt_marks_the_words_in_any_order_and_shows_what_surrounds_them(text: str, query: str, line: str):
    assert brackets(excerpt(text, query)) == line


def test_lines_and_gaps_become_one_line():
    text = "\n\n# Fruit\n\n- red\tapples,\n- pears\n\n"
    assert brackets(excerpt(text, "apple")) == "# Fruit - red [apple]s, - pears"


def test_of_many_places_an_excerpt_shows_the_one_with_all_words():
    text = "An apple. " + "Filler. " * 100 + "A pear. " + "Filler. " * 100 + "Pears and an apple. " + "Filler. " * 100
    assert "[Pear]s and an [apple]. " in brackets(excerpt(text, "apple pear"))


def test_the_words_as_they_were_typed_come_before_those_that_are_merely_close():
    text = "be to or not " + "Filler. " * 100 + "to be or not to be"
    assert "…" in brackets(excerpt(text, "to be or not"))[:1]


def test_of_words_that_are_nowhere_close_the_rarest_is_shown():
    text = "pear " * 1000 + "x" * MAX_DISTANCE + " apple " + "x" * MAX_DISTANCE
    assert "[apple]" in brackets(excerpt(text, "pear apple"))


def test_long_texts_are_cut_at_words():
    line = brackets(excerpt("pear " * 1000 + "apple" + " plum" * 1000, "apple"))
    assert line == "…" + "pear " * 3 + "[apple]" + " plum" * 19 + "…"


def test_a_long_text_without_the_words_is_cut_as_well():
    assert brackets(excerpt("pear " * 1000, "apple")) == "pear " * 19 + "pear…"


@pytest.mark.parametrize("size", [1, 2, 3, 10, 11, 100, 1000])
@pytest.mark.parametrize(
    "unit",
    ["x", "한", "x ", "\n", " x", FAMILY, FLAG, WAVE, f"{FAMILY} ", "q\u0323\u0302", "\u1112\u119e\u11ab"],
    ids=ascii,
)
def test_an_excerpt_is_short_and_cuts_nothing_in_two(unit: str, size: int):
    before, found, after = brackets(excerpt(f"{unit * size}apple{unit * size}", "apple")).replace("]", "[").split("[")
    assert found == "apple"
    assert len(before) <= CHARS_BEFORE + 1
    assert len(after) <= CHARS_AFTER + 1
    for around in (before, after):
        assert around.replace(unit, "").replace(unit.strip(), "").strip(" …") == ""


@pytest.mark.parametrize("distance", [1, MAX_DISTANCE - 10, MAX_DISTANCE + 10, 10_000])
def test_an_excerpt_is_short_however_far_apart_the_words_are(distance: int):
    line = "".join(piece.text for piece in excerpt(f"{'x ' * 5000}apple{' ' + 'y' * distance} pear", "pear apple"))
    assert len(line) <= CHARS_BEFORE + 2 * MAX_DISTANCE + CHARS_AFTER + 2


@pytest.mark.parametrize("side", ["before", "after"])
def test_an_ellipsis_says_that_the_text_goes_on(side: str):
    for words, goes_on in ((3, False), (1000, True)):
        text = "pear " * words + "apple" if side == "before" else "apple" + " pear" * words
        assert ("…" in brackets(excerpt(text, "apple"))) is goes_on


def test_a_title_is_marked_whole():
    title = "pear " * 30 + "apple"
    assert brackets(highlighted(title, "apple")) == "pear " * 30 + "[apple]"


@pytest.mark.parametrize(
    ("unit", "query"),
    [
        ("a ", "a b"),
        ("a ", " ".join("abcdefghijklmnopqrstuvwxyz0123456789")),
        ("ab" * 40, "ab" * 50 + " " + "ba" * 49),
        ("a" * 50, "a" * 99 + "b"),
        (" \n", "a b"),
        ("가나다 ", "다 나 가 라"),
    ],
    ids=["one word", "many words", "one word again and again", "nearly the word", "spaces", "Korean"],
)
def test_the_time_grows_with_the_text_and_not_faster(unit: str, query: str):
    def seconds(length: int) -> float:
        text, best = unit * (length // len(unit)), float("inf")
        for _ in range(3):
            start = time.perf_counter()
            excerpt(text, query)
            best = min(best, time.perf_counter() - start)
        return best

    assert seconds(800_000) < 8 * 4 * max(seconds(100_000), 0.005)
