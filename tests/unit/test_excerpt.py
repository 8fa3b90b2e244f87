"""The place where something was found, in one line, with as much around it as helps."""

import unicodedata

import pytest

from chat_app.services.excerpt import CHARS_AFTER, CHARS_BEFORE, Excerpt, excerpt

FAMILY, FLAG, WAVE = "👩‍👩‍👧‍👦", "🇰🇷", "👋🏽"


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


@pytest.mark.parametrize(
    ("text", "wanted", "found"),
    [
        ("Red apples do.", "apple", Excerpt("Red ", "apple", "s do.")),
        ("Red APPLES do.", "apple", Excerpt("Red ", "APPLE", "S do.")),
        ("ÉCOLE", "école", Excerpt("", "ÉCOLE", "")),
        ("사과나무", "과나", Excerpt("사", "과나", "무")),
        (decomposed("사과나무"), "과나", Excerpt("사", "과나", "무")),
        (decomposed("L'école"), "école", Excerpt("L'", "école", "")),
        ("One, two, one", "one", Excerpt("", "One", ", two, one")),
        ("(a|b)*", "|b)*", Excerpt("(a", "|b)*", "")),
        ("Pears.", "apple", Excerpt("", "", "Pears.")),
        ("", "apple", Excerpt("", "", "")),
        ("apple", "apple", Excerpt("", "apple", "")),
    ],
)
def test_it_shows_what_was_found_and_what_surrounds_it(text: str, wanted: str, found: Excerpt):
    assert excerpt(text, wanted) == found


def test_lines_and_gaps_become_one_line():
    text = "\n\n# Fruit\n\n- red\tapples,\n- pears\n\n"
    assert excerpt(text, "apple") == Excerpt("# Fruit - red ", "apple", "s, - pears")


def test_long_texts_are_cut_at_words():
    found = excerpt("pear " * 1000 + "apple" + " plum" * 1000, "apple")
    assert found == Excerpt("…" + "pear " * 3, "apple", " plum" * 19 + "…")


def test_a_long_text_without_the_words_is_cut_as_well():
    assert excerpt("pear " * 1000, "apple") == Excerpt("", "", "pear " * 19 + "pear…")


@pytest.mark.parametrize("size", [1, 2, 3, 10, 11, 100, 1000])
@pytest.mark.parametrize(
    "unit",
    ["x", "한", "x ", "\n", " x", FAMILY, FLAG, WAVE, f"{FAMILY} ", "q\u0323\u0302", "\u1112\u119e\u11ab"],
    ids=ascii,
)
def test_it_is_short_and_cuts_nothing_in_two(unit: str, size: int):
    found = excerpt(f"{unit * size}apple{unit * size}", "apple")
    assert found.match == "apple"
    assert len(found.before) <= CHARS_BEFORE + 1
    assert len(found.after) <= CHARS_AFTER + 1
    for around in (found.before, found.after):
        assert around.replace(unit, "").replace(unit.strip(), "").strip(" …") == ""


@pytest.mark.parametrize("side", ["before", "after"])
def test_an_ellipsis_says_that_the_text_goes_on(side: str):
    for words, goes_on in ((3, False), (1000, True)):
        text = "pear " * words + "apple" if side == "before" else "apple" + " pear" * words
        assert ("…" in getattr(excerpt(text, "apple"), side)) is goes_on
