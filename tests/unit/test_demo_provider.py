"""The demo model: every situation on demand, in English and in Korean, always the same."""

import asyncio
import re
import unicodedata
from collections.abc import Sequence

import pytest

from chat_app.infrastructure.demo.provider import DemoProvider
from chat_app.infrastructure.demo.replies import THINKING_MODEL
from chat_app.models.errors import ModelError, OptionRefused, QuotaExceeded, RateLimited, Truncated, UpstreamFailed
from chat_app.models.events import ModelEvent, StepEnded
from chat_app.models.message import Role, Turn
from chat_app.models.parts import Data, Reasoning, Source, Text, ToolCall, ToolResult, follow_ups_in
from chat_app.models.request import Options
from chat_app.services.asking.questions import CONTINUE
from chat_app.texts import CATALOGUES
from tests import attached_files
from tests.clock import VIRTUAL_TIME, Backend

# Requests in English and in Korean, and words of the expected answer.
SAMPLES = [
    ("Show me a table", "표를 보여 줘", r"^\|:---\|:---:\|---:\|"),
    ("Write some code", "코드를 작성해 줘", r"^```python\n"),
    ("Explain with maths", "수식으로 설명해 줘", r"^\$\$\n[^$]*\\frac"),
    ("Show me a diagram", "다이어그램을 보여 줘", r"^```mermaid\nflowchart"),
    ("Make a list", "목록을 만들어 줘", r"^1\. .*\n(?:.*\n)*- \[x\] "),
    ("Show me formatting", "서식을 보여 줘", r"^#### .*\n(?:.*\n)*> > "),
    ("Show me unsafe content", "위험한 내용을 보여 줘", r"\(javascript:(?:.*\n)*!\[.*\n(?:.*\n)*<script>"),
    ("Show me emoji and other scripts", "이모지와 다른 문자를 보여 줘", r"👨‍👩‍👧‍👦(?:.*\n)*.*שלום"),
    ("Show me something wide", "폭이 넓은 것을 보여 줘", r"\S{80}"),
    ("Write a long answer", "긴 글을 써 줘", r"^## (?:.*\n){20}"),
    ("Answer slowly", "천천히 답해 줘", r"8|eight"),
    ("Thanks", "고마워", r"^.{1,99}$"),
    ("How do I connect a real model?", "실제 모델은 어떻게 연결해?", r"OPENAI_BASE_URL=http"),
    ("Help", "도움말", r"`OPENAI_API_KEY`.*`OPENAI_BASE_URL`"),
]
FAILURES = [
    ("Fail", "실패해 줘", UpstreamFailed),
    ("Rate limit", "요청 한도를 넘겨 줘", RateLimited),
    ("Run out of credit", "크레딧을 다 써 줘", QuotaExceeded),
]
UNKNOWN = r"^(?:You wrote|I have no answer)|라고 하셨네요|드릴 답이 없습니다"

HANGUL_JAMO = unicodedata.normalize("NFD", "한글")

both_languages = pytest.mark.parametrize("language", ["english", "korean"])


@pytest.fixture(scope="module")
def anyio_backend() -> Backend:
    return VIRTUAL_TIME


def turns(*texts: str) -> list[Turn]:
    """A conversation that the user began."""
    return [Turn(Role.ASSISTANT if index % 2 else Role.USER, text) for index, text in enumerate(texts)]


async def events_for(*texts: str) -> list[ModelEvent]:
    return [event async for event in DemoProvider(pace=0).stream(turns(*texts))]


async def answer(*texts: str) -> str:
    return text_of(await events_for(*texts))


async def failing_answer(*texts: str) -> tuple[list[ModelEvent], ModelError]:
    """The pieces before the error, and the error."""
    events: list[ModelEvent] = []
    with pytest.raises(ModelError) as caught:
        async for event in DemoProvider(pace=0).stream(turns(*texts)):
            events.append(event)
    return events, caught.value


def text_of(events: Sequence[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, Text))


def reasoning_of(events: Sequence[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, Reasoning))


def is_korean(text: str) -> bool:
    return bool(re.search("[가-힣]", text))


def finds(pattern: str, text: str) -> bool:
    return bool(re.search(pattern, text, re.MULTILINE))


@pytest.mark.parametrize(("english", "korean", "content"), SAMPLES)
async def test_the_demo_model_shows_what_it_is_asked_for(english: str, korean: str, content: str) -> None:
    assert finds(content, await answer(english))
    assert finds(content, await answer(korean))
    assert is_korean(await answer(korean))


@pytest.mark.parametrize(("english", "korean", "_"), SAMPLES)
async def test_the_demo_model_ends_with_one_finish_that_counts_the_tokens(english: str, korean: str, _: str) -> None:
    for question in (english, korean):
        *pieces, step = await events_for(question)
        pieces = [piece for piece in pieces if not isinstance(piece, Data)]
        assert all(isinstance(piece, Text) and piece.text for piece in pieces)
        assert isinstance(step, StepEnded)
        assert (step.finish, step.model) == ("stop", "demo")
        assert step.usage
        assert step.usage.prompt_tokens >= len(question.split())
        assert step.usage.completion_tokens == len(pieces)
        assert step.usage.total_tokens == step.usage.prompt_tokens + step.usage.completion_tokens


@pytest.mark.parametrize("question", ["Help", "도움말", "Show me a table", "표를 보여 줘"])
async def test_the_demo_model_suggests_questions_that_it_understands(question: str) -> None:
    events = await events_for(question)
    suggested = follow_ups_in([event for event in events if isinstance(event, Data)])
    assert suggested
    for each in suggested:
        assert is_korean(each) == is_korean(question)
        assert not finds(UNKNOWN, await answer(each))


@pytest.mark.parametrize(
    ("question", "received"), [("What is it?", "I have received"), ("이게 뭘까", "파일을 받았습니다")]
)
async def test_the_demo_model_names_the_files_of_a_question(question: str, received: str) -> None:
    turn = Turn(
        Role.USER,
        question,
        (attached_files.file("a *b*.txt"),),
        ('<file name="a *b*.txt">\nThe sea is deep.\n</file>',),
    )
    text = text_of([event async for event in DemoProvider(pace=0).stream([turn])])
    assert received in text
    assert "- **a \\*b\\*.txt**: The sea is deep." in text


async def test_a_question_after_one_that_got_no_answer_is_understood() -> None:
    for question in ("Show me a table", "Thanks"):
        assert await answer(f"Fail\n\n{question}") == await answer(question)


@pytest.mark.parametrize("question", ["What are your settings?", "설정이 뭐야?"])
async def test_the_demo_model_lists_the_settings_of_the_request(question: str) -> None:
    options = Options(instructions="Answer in *one* word.", temperature=0.5, stop=("END",))
    events = [event async for event in DemoProvider(pace=0).stream(turns(question), options)]
    listed = "- `model`: demo\n- `instructions`: Answer in \\*one\\* word.\n- `temperature`: 0.5\n- `stop`: "
    assert listed in text_of(events)
    assert "`top_p`" not in text_of(events)
    assert "- `model`: demo\n\n" in await answer(question)


@pytest.mark.parametrize("question", ["Show me a table", "표를 보여 줘"])
async def test_the_thinking_demo_model_reasons_before_the_same_answer(question: str) -> None:
    events = [event async for event in DemoProvider(THINKING_MODEL, pace=0).stream(turns(question))]
    assert reasoning_of(events)
    assert is_korean(reasoning_of(events)) == is_korean(question)
    assert text_of(events) == await answer(question)
    assert isinstance(events[-1], StepEnded)
    assert events[-1].model == THINKING_MODEL


async def test_a_longer_conversation_costs_more() -> None:
    def prompt_tokens(events: Sequence[ModelEvent]) -> int:
        assert isinstance(events[-1], StepEnded)
        assert events[-1].usage
        return events[-1].usage.prompt_tokens

    assert prompt_tokens(await events_for("Hi", "Hello there", "Thanks")) > prompt_tokens(await events_for("Thanks"))


@pytest.mark.parametrize("question", ["Think before you answer", "생각하고 답해 줘"])
async def test_the_demo_model_thinks_before_it_answers(question: str) -> None:
    *pieces, step = await events_for(question)
    kinds = [type(piece) for piece in pieces]
    assert len(reasoning_of(pieces)) > 300
    assert len(text_of(pieces)) > 300
    assert kinds == sorted(kinds, key=[Reasoning, Text].index)
    assert isinstance(step, StepEnded)
    assert step.usage
    assert step.usage.completion_tokens == len(pieces)


@pytest.mark.parametrize("question", ["Cut the answer off", "답변을 중간에 잘라 줘"])
async def test_the_demo_model_is_cut_at_the_length_limit(question: str) -> None:
    *pieces, step = await events_for(question)
    assert isinstance(step, StepEnded)
    assert step.finish == "length"
    assert text_of(pieces)[-1].isalpha()


@pytest.mark.parametrize("question", ["Drop the connection", "연결을 끊어 줘"])
async def test_the_demo_model_breaks_in_the_middle(question: str) -> None:
    events, error = await failing_answer(question)
    assert isinstance(error, Truncated)
    assert len(text_of(events)) > 200
    assert text_of(events)[-1].isalpha()


@pytest.mark.parametrize(("english", "korean", "expected"), FAILURES)
async def test_the_demo_model_fails_before_the_first_token(
    english: str, korean: str, expected: type[ModelError]
) -> None:
    for question in (english, korean):
        events, error = await failing_answer(question)
        assert type(error) is expected
        assert events == []


async def test_a_rate_limit_says_how_long_to_wait() -> None:
    _, error = await failing_answer("Rate limit")
    assert error.retry_after == 20


@pytest.mark.parametrize("question", ["Answer in Korean", "한국어로 답해 줘", "Show me a table in Korean"])
async def test_the_demo_model_answers_in_korean_when_asked_to(question: str) -> None:
    assert is_korean(await answer(question))


@pytest.mark.parametrize("question", ["영어로 답해 줘", "Answer in English", "표를 영어로 보여 줘"])
async def test_the_demo_model_answers_in_english_when_asked_to(question: str) -> None:
    assert not is_korean(await answer(question))


async def test_the_long_answer_is_long() -> None:
    assert len((await answer("Write a long answer")).split()) > 1500
    assert len((await answer("긴 글을 써 줘")).split()) > 1000


@pytest.mark.parametrize(
    "suggestion", [text for catalogue in CATALOGUES.values() for text in catalogue.demo_suggestions]
)
async def test_the_demo_model_understands_what_the_page_suggests(suggestion: str) -> None:
    assert not finds(UNKNOWN, await answer(suggestion))


def menu_of(text: str) -> list[str]:
    return re.findall(r"^- \*\*(.+)\*\*: .", text, re.MULTILINE)


@both_languages
async def test_the_menu_lists_every_situation(language: str) -> None:
    situations = [*SAMPLES, *FAILURES]
    ways_to_ask = [english if language == "english" else korean for english, korean, _ in situations]
    more = {
        "english": [
            "Answer in Korean",
            "Think before you answer",
            "Cut the answer off",
            "Drop the connection",
            "What did I say before?",
            "What are your settings?",
            "Continue",
        ],
        "korean": [
            "영어로 답해 줘",
            "생각하고 답해 줘",
            "답변을 중간에 잘라 줘",
            "연결을 끊어 줘",
            "내가 뭐라고 했지?",
            "설정이 뭐야?",
            "계속해 줘",
        ],
    }
    menu = menu_of(await answer("Help" if language == "english" else "도움말"))
    assert sorted(menu) == sorted(ways_to_ask + more[language])


@pytest.mark.parametrize("question", ["Help", "도움말"])
async def test_everything_on_the_menu_is_understood_and_different(question: str) -> None:
    async def outcome(asked: str) -> object:
        try:
            return await answer(asked)
        except ModelError as error:
            return type(error)

    outcomes = [await outcome(asked) for asked in menu_of(await answer(question))]
    assert not any(isinstance(text, str) and finds(UNKNOWN, text) for text in outcomes)
    assert len(set(outcomes)) == len(outcomes)


@pytest.mark.parametrize("greeting", ["hello", "Hi!", "hey there", "help me", "What can you do?", "Who are you?"])
async def test_the_demo_model_introduces_itself_in_english(greeting: str) -> None:
    assert await answer(greeting) == await answer("Help")


@pytest.mark.parametrize("greeting", ["안녕", "안녕하세요!", "도와줘", "뭐 할 수 있어?", "너는 누구니?"])
async def test_the_demo_model_introduces_itself_in_korean(greeting: str) -> None:
    assert await answer(greeting) == await answer("도움말")


@pytest.mark.parametrize(
    ("phrasing", "plain"),
    [
        ("table", "Show me a table"),
        ("Hi! Could you please show me a really big table?", "Show me a table"),
        ("give me a table of rivers", "Show me a table"),
        ("Show the planets in a table", "Show me a table"),
        ("show me a table lamp made of code", "Show me a table"),
        ("Write a Python function that sorts a list", "Write some code"),
        ("Give me a list of code editors", "Make a list"),
        ("Show me a long list", "Make a list"),
        ("Tell me a long story", "Write a long answer"),
        ("a long wait", "Answer slowly"),
        ("Explain recursion with maths", "Explain with maths"),
        ("표", "표를 보여 줘"),
        ("표보여줘", "표를 보여 줘"),
        ("긴글 써줘", "긴 글을 써 줘"),
        ("강 이름 표 하나만 보여 주세요", "표를 보여 줘"),
        ("table을 보여줘", "표를 보여 줘"),
        ("행성 목록을 표로 정리해 줘", "표를 보여 줘"),
        ("파이썬 코드 좀 짜 줄래?", "코드를 작성해 줘"),
        ("수식으로 피타고라스 정리를 설명해 줘", "수식으로 설명해 줘"),
        (unicodedata.normalize("NFD", "표를 보여 줘"), "표를 보여 줘"),
    ],
)
async def test_the_demo_model_understands_other_ways_to_ask(phrasing: str, plain: str) -> None:
    assert await answer(phrasing) == await answer(plain)


@pytest.mark.parametrize(
    "message",
    [
        "How do I cook rice?",
        "My build fails, what do I do?",
        "Why did my code fail?",
        "What is the rate limit of the API?",
        "How do I set the table?",
        "Write a poem about a table",
        "a stable listener encoded tablets",
        "don't show me a table",
        "I would like to continue my studies",
        "explain this code: def f(x): return x",
        "Hello, my name is Anna",
        "Bonjour, ça va ?",
        "2 + 2",
        "👍",
        "오늘 날씨 어때?",
        "빌드가 실패했어",
        "내 코드가 왜 실패해?",
        "발표 자료를 보여 줘",
        "표에 대한 시를 써 줘",
        "수학자를 알려 줘",
        "계속해서 공부하고 싶어",
    ],
)
async def test_the_demo_model_says_so_when_it_has_no_answer_and_what_it_can_show(message: str) -> None:
    text = await answer(message)
    assert f"“{message}”" in text
    assert finds(UNKNOWN, text)
    assert "OPENAI_API_KEY" in text
    assert is_korean(text) == is_korean(message)
    assert menu_of(text) == menu_of(await answer("도움말" if is_korean(message) else "Help"))


async def test_a_message_about_much_more_than_code_is_no_request_for_code() -> None:
    assert finds(UNKNOWN, await answer("Write some code that works like this: " + "first it opens the door, " * 20))


async def test_a_korean_word_makes_no_korean_question() -> None:
    assert menu_of(await answer("What does 안녕 mean?")) == menu_of(await answer("Help"))


async def test_the_demo_model_shows_the_menu_once() -> None:
    first = await answer("How do I cook rice?")
    second = await answer("How do I cook rice?", first, "And pasta?")
    assert "“And pasta?”" in second
    assert menu_of(second) == []


async def test_a_message_without_words_keeps_the_language_of_the_conversation() -> None:
    assert is_korean(await answer("고마워", await answer("고마워"), "👍"))


async def test_a_quoted_message_formats_nothing() -> None:
    assert r"“\*a\* \`b\` \<i\> \[c\](d)”" in await answer("*a*\n\n`b` <i> [c](d)")


async def test_the_demo_model_quotes_only_the_beginning_of_a_long_message() -> None:
    text = await answer("whatever it takes " * 2000)
    assert "“whatever it takes" in text
    assert len(text) < len(await answer("Why?")) + 100


async def test_a_braced_name_in_a_message_is_quoted_as_it_is() -> None:
    assert "“{menu} {0} {”" in await answer("{menu} {0} {")


@pytest.mark.parametrize("question", ["What did I say before?", "내가 아까 뭐라고 했지?"])
async def test_the_demo_model_knows_what_was_said_before(question: str) -> None:
    text = await answer("My name is Anna", "…", "한글은 어려워", "…", question)
    assert "1. “My name is Anna”\n2. “한글은 어려워”\n" in text
    assert question not in text


async def test_the_demo_model_knows_that_nothing_was_said_before() -> None:
    assert "first message" in await answer("What did I say before?")
    assert "첫 메시지" in await answer("내가 뭐라고 했지?")


@pytest.mark.parametrize(
    ("question", "proceed", "last_words"),
    [
        ("Cut the answer off", "Continue", "two portions in a quarter of an hour."),
        ("답변을 중간에 잘라 줘", "계속해 줘", "15분이면 두 사람이 먹을 수 있습니다."),
    ],
)
async def test_the_demo_model_continues_where_it_was_cut_off(question: str, proceed: str, last_words: str) -> None:
    cut = await answer(question)
    rest = await answer(question, cut, proceed)
    assert rest.endswith(last_words)
    assert rest.startswith(" ")
    assert cut[-40:] not in rest


async def test_the_demo_model_continues_an_answer_that_was_stopped_however_often() -> None:
    whole = await answer("Write a long answer")
    conversation, read = ["Write a long answer"], ""
    for part in (1000, 2000):
        stopped = (await answer(*conversation))[:part]
        read += stopped
        conversation += [stopped, "Continue"]
    assert read + await answer(*conversation) == whole


@pytest.mark.parametrize(
    ("question", "last_words"),
    [
        ("Cut the answer off", "two portions in a quarter of an hour."),
        ("답변을 중간에 잘라 줘", "15분이면 두 사람이 먹을 수 있습니다."),
    ],
)
async def test_the_demo_model_goes_on_in_the_same_answer_when_the_app_asks_it_to(
    question: str, last_words: str
) -> None:
    cut = await answer(question)
    rest = await answer(question, cut, CONTINUE)
    assert (cut + rest).endswith(last_words)
    assert rest == await answer(question, cut, "Continue")
    *_, step = await events_for(question, cut, CONTINUE)
    assert isinstance(step, StepEnded)
    assert step.finish == "stop"


async def test_the_demo_model_goes_on_in_an_answer_that_lost_its_connection() -> None:
    events, _ = await failing_answer("Drop the connection")
    rest = await answer("Drop the connection", text_of(events), CONTINUE)
    assert rest.startswith(", and that is mostly blue.")


@pytest.mark.parametrize(("question", "words"), [("Thanks", "nothing to continue"), ("고마워", "없습니다")])
async def test_the_demo_model_says_so_in_a_paragraph_when_the_app_asks_it_to_go_on_for_nothing(
    question: str, words: str
) -> None:
    rest = await answer(question, await answer(question), CONTINUE)
    assert rest.startswith("\n\n")
    assert words in rest


async def test_the_demo_model_has_nothing_to_continue_after_a_complete_answer() -> None:
    alone = await answer("Continue")
    assert "nothing to continue" in alone
    assert await answer("Thanks", await answer("Thanks"), "Continue") == alone
    assert await answer("Thanks", "an answer of another model", "Continue") == alone


@pytest.mark.parametrize("question", ["Write a long answer", "수식으로 설명해 줘", "Think before you answer", "Why?"])
async def test_the_same_turns_get_the_same_pieces(question: str) -> None:
    assert await events_for(question) == await events_for(question)


def begins_inside_a_character(text: str) -> bool:
    """Return True if ``text`` starts within a grapheme (Unicode Annex 29, as far as needed here)."""
    first = text[0]
    joiner, skin_tones, tags, medial_and_final_jamo = "\u200d", ("🏻", "🏿"), ("\U000e0020", "\U000e007f"), ("ᅠ", "ᇿ")
    return (
        unicodedata.category(first).startswith("M")
        or first == joiner
        or any(low <= first <= high for low, high in (skin_tones, tags, medial_and_final_jamo))
    )


@both_languages
async def test_no_piece_ends_inside_a_character(language: str) -> None:
    samples = [english if language == "english" else korean for english, korean, _ in SAMPLES]
    for question in (*samples, unicodedata.normalize("NFD", "**Où** est #️⃣ *️⃣ _é_ 1️⃣?")):
        pieces = [event.text for event in await events_for(question) if isinstance(event, Text)]
        assert not any(begins_inside_a_character(piece) for piece in pieces)
        assert not any(piece.endswith("\u200d") for piece in pieces)


@pytest.mark.parametrize(
    "character", ["👨‍👩‍👧‍👦", "👋🏽", "👩🏾‍🚀", "🏳️‍🌈", "🇰🇷", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "7️⃣", HANGUL_JAMO, "e\u0301", "ɔ̃"]
)
async def test_a_character_of_several_parts_arrives_whole(character: str) -> None:
    for question in ("Show me emoji and other scripts", "이모지와 다른 문자를 보여 줘"):
        assert any(isinstance(event, Text) and character in event.text for event in await events_for(question))


@both_languages
async def test_pieces_are_as_small_as_tokens(language: str) -> None:
    pieces = (await events_for("Write a long answer" if language == "english" else "긴 글을 써 줘"))[:-1]
    lengths = sorted(len(piece.text) for piece in pieces if isinstance(piece, Text))
    assert 3 <= lengths[len(lengths) // 2] <= 7
    assert lengths[-1] <= 20


class TestOptions:
    async def test_max_tokens_cuts_the_answer_and_says_so(self) -> None:
        whole = await events_for("Write some code")
        cut = [event async for event in DemoProvider(pace=0).stream(turns("Write some code"), Options(max_tokens=5))]
        assert cut[:-1] == whole[:5]
        assert isinstance(step := cut[-1], StepEnded)
        assert (step.finish, step.usage and step.usage.completion_tokens) == ("length", 5)

    async def test_max_tokens_that_suffice_change_nothing(self) -> None:
        whole = await events_for("Thanks")
        options = Options(max_tokens=len(whole) - 1)
        assert [event async for event in DemoProvider(pace=0).stream(turns("Thanks"), options)] == whole

    async def test_a_format_of_the_answer_is_refused(self) -> None:
        options = Options(response_format={"type": "json_object"})
        with pytest.raises(OptionRefused) as refused:
            await anext(DemoProvider(pace=0).stream(turns("Hello"), options))
        assert refused.value.param == "response_format"

    async def test_reasoning_counts_among_the_tokens(self) -> None:
        options = Options(max_tokens=3)
        events = [event async for event in DemoProvider(pace=0).stream(turns("Think first"), options)]
        assert [type(event) for event in events] == [Reasoning, Reasoning, Reasoning, StepEnded]

    async def test_the_answer_ends_before_the_first_stop_sequence(self) -> None:
        whole = await answer("Write some code")
        options = Options(stop=("never in it", "return", "def "))
        events = [event async for event in DemoProvider(pace=0).stream(turns("Write some code"), options)]
        first = min(whole.index("return"), whole.index("def "))
        assert text_of(events) == whole[:first]
        assert isinstance(events[-1], StepEnded)
        assert events[-1].finish == "stop"


async def test_closing_the_stream_ends_the_answer_at_once() -> None:
    stream = DemoProvider(pace=0).stream(turns("Write a long answer"))
    assert isinstance(await anext(stream), Text)
    await stream.aclose()
    assert [event async for event in stream] == []


async def test_cancelling_the_stream_ends_a_pause_at_once() -> None:
    stream = DemoProvider(pace=1000).stream(turns("Answer slowly"))
    waiting = asyncio.create_task(anext(stream))
    await asyncio.sleep(0)
    waiting.cancel()
    async with asyncio.timeout(5):
        await asyncio.wait([waiting])
    assert waiting.cancelled()
    assert [event async for event in stream] == []


async def test_other_tasks_run_while_the_demo_model_answers_without_pauses() -> None:
    turns_of_others = 0

    async def others() -> None:
        nonlocal turns_of_others
        while True:
            turns_of_others += 1
            await asyncio.sleep(0)

    running = asyncio.create_task(others())
    pieces = await events_for("Write a long answer")
    running.cancel()
    assert turns_of_others >= len(pieces) - 1


async def test_a_slow_answer_keeps_the_reader_waiting_for_the_first_token() -> None:
    now = asyncio.get_running_loop().time
    started = now()
    await anext(DemoProvider(pace=1).stream(turns("Answer slowly")))
    assert now() - started > 7


async def test_a_larger_pace_is_slower() -> None:
    async def seconds(pace: float) -> float:
        now = asyncio.get_running_loop().time
        started = now()
        async for _ in DemoProvider(pace=pace).stream(turns("Thanks")):
            pass
        return now() - started

    assert await seconds(0.2) > 0.1


async def test_a_search_of_the_web_comes_before_the_answer_and_its_sources_after_it() -> None:
    options = Options(web_search=True)
    events = [event async for event in DemoProvider(pace=0).stream(turns("Thanks"), options)]
    assert events[:2] == [ToolCall("search", "web_search", "{}"), ToolResult("search", "Thanks")]
    assert [type(event) for event in events[-4:]] == [Source, Source, Source, StepEnded]
