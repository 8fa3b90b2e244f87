"""Recognition of the situation and the language that a message asks for.

A request is made of a situation's own words and of words that any request may have ("please", "show me a"). Where it
has other words too, they are its topic, and where they stand depends on the language: in English after what is asked
for ("a table of rivers"), in Korean before it ("강 이름 표"). So "How do I set the table?" is no request for a table.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from chat_app.infrastructure.demo.situations import LANGUAGES, SITUATIONS, Language, Situation, script

_MAX_REQUEST = 200  # characters; a longer message asks for more than a situation

_ENGLISH_FILLER = (
    "(?:a|an|the|some|any|one|another|more|few|i|d|we|you|me|us|here|there|please|can|could|would|will|may|let|s|want|need"
    "|like|love|see|have|get|try|show|give|tell|write|make|create|draw|display|print|generate|render|produce|provide|send"
    "|answer|reply|respond|explain|say|do|put|simulate|demonstrate|provoke|trigger|cause|with|using|use|in|as|to|for|and"
    "|how about|what about|now|then|so|just|also|next|again|before|earlier|far|first|last|ok|okay|well|hi|hello|hey"
    "|thanks|thank|great|cool|example|examples|sample|simple|very|really|short|long|small|big|large|little|nice|quick"
    "|good|different|english|korean)"
)

_KOREAN_ENDING = "(?:줘|줘요|줄래|줄래요|주라|주세요|주십시오|주시겠어요|주실래요|봐|봐요|봐줘|보세요|볼래|볼래요)"
_KOREAN_VERB = (
    "(?:(?:보여|해|작성해|써|적어|짜|설명해|답해|답변해|대답해|만들어|그려|알려|말해|이야기해|들려|생성해|출력해"
    f"|정리해|표시해|넣어|부탁해|부탁드려|시험해|흉내내)(?:요|{_KOREAN_ENDING})?|{_KOREAN_ENDING})"
)
_KOREAN_FILLER = (
    f"(?:{_KOREAN_VERB}|줄|수|있어|있어요|있나요|있을까|있을까요|있습니까|보고|싶어|싶어요|싶습니다|필요해|필요해요"
    "|원해|원해요|부탁합니다|부탁드립니다|예|예시|예제|샘플|예시로|예를|들어|하나|하나만|한|한번|번|개|좀|제발|간단한|짧은"
    "|긴|큰|작은|멋진|다양한|여러|아주|정말|형식으로|형태로|영어로|영문으로|한국어로|한국말로|한글로|우리말로"
    "|이제|그럼|그러면|자|또|다시|네|응|그래|좋아|고마워|감사합니다|안녕|안녕하세요|너|너는|넌|당신은|나|내가|제가|나는|저는"
    "|나한테|저에게|나에게|아까|방금|전에|조금|지금|지금까지|여태|이전에|앞에서|처음|처음에|마지막|마지막에)"
)
_KOREAN_PARTICLE = "(?:을|를|이|가|은|는|로|으로|도|만|와|과|나|이나|라도|이라도|이요|요)"

# Endings of a Korean noun without a space.
_KOREAN_TAIL = f"{_KOREAN_PARTICLE}?{_KOREAN_VERB}?"

# How requests are built, without and with a topic; WORDS stands for the situation's own.
_PLAIN: dict[Language, str] = {
    "english": f"(?:{_ENGLISH_FILLER} )*(?:WORDS)(?: {_ENGLISH_FILLER})*",
    "korean": f"(?:{_KOREAN_FILLER} )*(?:WORDS){_KOREAN_TAIL}(?: {_KOREAN_FILLER})*",
}
_WITH_TOPIC: dict[Language, str] = {
    "english": f"(?:{_ENGLISH_FILLER} )+(?:WORDS) .*"
    f"|{_ENGLISH_FILLER} .* (?:with|using|as|in) (?:an? |some )?(?:WORDS)",
    "korean": f".* (?:WORDS){_KOREAN_TAIL}(?: {_KOREAN_FILLER})+"
    f"|.* (?:WORDS){_KOREAN_PARTICLE}?{_KOREAN_VERB}"
    f"|(?:{_KOREAN_FILLER} )*(?:WORDS)으?로 .* {_KOREAN_VERB}",
}

_NAMED: dict[Language, re.Pattern[str]] = {
    "english": re.compile(r"\b(?:in|to|speak) english\b|^english\b|\b(?:영어|영문으)로\b|^(?:영어|영문)$"),
    "korean": re.compile(r"\b(?:in|to|speak) korean\b|^korean\b|\b(?:한국어|한국말|한글|우리말)(?:으?로)?\b"),
}
_LETTERS = re.compile(r"[^\W\d_]+")
_HANGUL = re.compile("[가-힣ㄱ-ㆎ]")


def requested(message: str) -> Situation | None:
    """Return the situation that ``message`` asks for, or ``None``."""
    words = _normalised(message)
    grammar = written_in([message])
    if len(words) > _MAX_REQUEST:
        return None
    return next((situation for situation in SITUATIONS if _pattern(situation, grammar).fullmatch(words)), None)


def named_language(message: str) -> Language | None:
    """Return the language in which ``message`` asks to be answered, or ``None``."""
    words = _normalised(message)
    return next((language for language in LANGUAGES if _NAMED[language].search(words)), None)


def written_in(messages: Iterable[str]) -> Language:
    """Return the language of the first of ``messages`` that has any letters."""
    for message in messages:
        if words := _LETTERS.findall(unicodedata.normalize("NFC", message)):
            korean = sum(bool(_HANGUL.search(word)) for word in words)
            return "korean" if 2 * korean >= len(words) else "english"
    return "english"


@cache
def _pattern(situation: Situation, grammar: Language) -> re.Pattern[str]:
    # The words of both languages, since people mix them: "table을 보여 줘".
    phrases = [phrase for language in LANGUAGES for phrase in script(situation.name, language).words]
    words = "|".join(_spelling(_normalised(phrase)) for phrase in phrases)
    shape = _PLAIN[grammar] + (f"|{_WITH_TOPIC[grammar]}" if situation.has_topic else "")
    return re.compile(shape.replace("WORDS", words))


def _spelling(phrase: str) -> str:
    """Regular expression of ``phrase``; in Korean many spaces are optional."""
    return phrase.replace(" ", " ?") if _HANGUL.search(phrase) else phrase


def _normalised(text: str) -> str:
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFC", text).casefold()))
