"""Text that compresses about as well as English prose, the same in every run."""

import random
from functools import cache

_CONSONANTS, _VOWELS = "bcdfghlmnprstvw", "aeiou"
_WORDS, _SENTENCE, _PARAGRAPH = 1000, 12, 5  # words to choose from, words in a sentence, sentences in a paragraph


def prose(chars: int, seed: int | str) -> str:
    """Return paragraphs of made-up words, ``chars`` characters in all, different for each ``seed``; -1 equals 1."""
    choose = random.Random(seed)
    # The n-th most frequent word of a language is about 1/n as frequent as the first (Zipf).
    words, weights = _vocabulary(), [1 / rank for rank in range(1, _WORDS + 1)]
    text = ""
    while len(text) < chars:
        sentences = (" ".join(choose.choices(words, weights, k=_SENTENCE)).capitalize() for _ in range(_PARAGRAPH))
        text += ". ".join(sentences) + ".\n\n"
    return text[:chars]


@cache
def _vocabulary() -> list[str]:
    choose = random.Random("vocabulary")
    syllables = [consonant + vowel for consonant in _CONSONANTS for vowel in _VOWELS]
    words = {"".join(choose.choices(syllables, k=choose.choice((1, 2, 2, 3, 3, 4)))) for _ in range(3 * _WORDS)}
    return sorted(words, key=lambda word: (len(word), word))[:_WORDS]
