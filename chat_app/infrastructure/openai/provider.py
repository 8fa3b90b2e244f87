"""Any server that speaks OpenAI's API: OpenAI, Ollama, vLLM, llama.cpp, LM Studio and others.

The SDK sends the request: it handles addresses, headers and redirects. The response is read as bytes, and only the few
fields needed are decoded; an SDK object per chunk costs about as much as all the rest.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

import httpx2
from openai import APIConnectionError, APIStatusError

from chat_app.infrastructure.openai.answer_decoder import AnswerDecoder, body_of
from chat_app.infrastructure.openai.chat_completions import ChatCompletions
from chat_app.infrastructure.openai.dialect import Dialect, Prompt, refused_option, unknown_option
from chat_app.infrastructure.openai.errors import redacted, status_error
from chat_app.infrastructure.openai.responses import Responses
from chat_app.infrastructure.openai.server import OpenAIServer
from chat_app.models.errors import ModelError, OptionRefused, Unreachable, UpstreamFailed
from chat_app.models.events import Alive, ProviderEvent
from chat_app.models.listed_model import UNKNOWN_ABILITIES, Abilities
from chat_app.models.message import Turn
from chat_app.models.parts import Data
from chat_app.models.reasoning_tags import ReasoningSplitter
from chat_app.models.request import DEFAULT_OPTIONS, LEFT_OUT, Options

_MAX_UNSUPPORTED = 1000


class OpenAIProvider:
    """A model behind an OpenAI-compatible server. Implements ``chat_app.services.ports.Provider``.

    Args:
        server: The server, whose connections all its models share.
        system_prompt: Sent ahead of every conversation unless empty.
        max_tokens: Upper bound on an answer's tokens, whatever a request asks for; ``None`` leaves it to the server.
        has_responses: Whether to ask through the Responses API. If the server turns out not to have it, and for options
            that it lacks, chat completions are used.
        finished_silence: Seconds of silence that end an answer once its model has given a reason to end: some servers
            give one long before the end, others never send an end mark nor close the connection.
    """

    def __init__(
        self,
        server: OpenAIServer,
        model: str,
        *,
        system_prompt: str,
        max_tokens: int | None,
        has_responses: bool = False,
        finished_silence: float = 10.0,
    ) -> None:
        self._server = server
        self._model = model
        self._system_prompt = system_prompt
        self._max_tokens = max_tokens
        # The first one that takes the options is used. Each is adapted to the server's refusals.
        self._dialects: list[Dialect] = [Responses(), ChatCompletions()] if has_responses else [ChatCompletions()]
        self._finished_silence = finished_silence
        # Optional options with the values that the model doesn't support: learned from its refusals too.
        self._unsupported: set[tuple[str, object]] = set()
        self._learned = UNKNOWN_ABILITIES
        # Whether answers begin within reasoning: learned from the last answer.
        self._begins_inside = False

    @property
    def learned(self) -> Abilities:
        return self._learned

    async def stream(
        self, turns: Sequence[Turn], options: Options = DEFAULT_OPTIONS
    ) -> AsyncGenerator[ProviderEvent, None]:
        """Answer the last of ``turns``; ends with one ``StepEnded``. Closing the generator closes the connection.

        Raises:
            ModelError: As ``chat_app.models.errors`` says. Pieces yielded before stay valid.
        """
        with redacted(self._server.api_key):
            response, dialect, left_out = await self._accepted(turns, options)
            answer = AnswerDecoder(ReasoningSplitter(inside=self._begins_inside), dialect.reader())
            try:
                async with (
                    aclosing(response),
                    aclosing(body_of(response, answer.reader, self._finished_silence)) as body,
                ):
                    yield Alive()
                    for name in left_out:
                        yield Data(LEFT_OUT, name)
                    async for received in body:
                        for piece in answer.read(received):
                            yield piece
                        if answer.idle_bytes:
                            yield Alive()
                for piece in answer.rest():
                    yield piece
                step = answer.reader.finish()
            except ModelError:
                for piece in answer.held_back(is_whole=False):
                    yield piece
                raise
            is_whole = step.finish == "stop"
            for piece in answer.held_back(is_whole=is_whole):
                yield piece
            if is_whole:
                answer.ensure_not_empty()
                self._begins_inside = answer.splitter.begins_inside
            yield step

    async def _accepted(self, turns: Sequence[Turn], options: Options) -> tuple[httpx2.Response, Dialect, list[str]]:
        """Send the request; again without an optional option that the model refuses.

        Returns:
            The response, its dialect, and the names of the options whose refusal is new.
        """
        left_out: list[str] = []
        while True:
            supported = self._without_unsupported(options) if options.are_optional else options
            try:
                return *(await self._respond(turns, supported)), left_out
            except OptionRefused as refused:
                if not options.are_optional or refused.param in left_out:
                    raise
                left_out.append(refused.param)
                self._learned = _lacking(refused).or_else(self._learned)
                if len(self._unsupported) == _MAX_UNSUPPORTED:  # people may try any value
                    self._unsupported.clear()
                self._unsupported.add((refused.param, getattr(supported, refused.param)))

    def _without_unsupported(self, options: Options) -> Options:
        found = {name for name, value in self._unsupported if getattr(options, name) == value}
        return replace(options, **{name: getattr(DEFAULT_OPTIONS, name) for name in found})

    async def _respond(self, turns: Sequence[Turn], options: Options) -> tuple[httpx2.Response, Dialect]:
        """Send the request; again in an adapted dialect where the server doesn't support a part of the first one.

        Returns:
            The response, whose body is still to be read, and its dialect.
        """
        prompt = self._prompt(turns, options)
        index = next(index for index, each in enumerate(self._dialects) if each.takes(options))
        dialect = self._dialects[index]
        while True:
            if name := unknown_option(dialect, options):
                raise OptionRefused(f"{name}: not in {dialect.path}", param=name)
            body = dialect.body(prompt, options)
            try:
                # Not the SDK's methods for a path: they take 20 ms for a long history, while all other streams wait.
                return await self._server.post(dialect.path, body), dialect
            except APIStatusError as error:
                adapted = dialect.adapted(error, body)
                if adapted is None:
                    raise _refusal(dialect, error, options) from None
                dialect = self._dialects[index] = adapted
            except APIConnectionError as error:
                # A timeout too: the SDK has one for connecting only.
                raise Unreachable(f"{error.message} {error.__cause__}") from None

    def _prompt(self, turns: Sequence[Turn], options: Options) -> Prompt:
        bounds = [bound for bound in (self._max_tokens, options.max_tokens) if bound is not None]
        return Prompt(
            model=self._model,
            system="\n\n".join(filter(None, (self._system_prompt, options.instructions))),
            turns=turns,
            max_tokens=min(bounds, default=None),
        )


def _lacking(refused: OptionRefused) -> Abilities:
    """Return the ability that a refusal shows the model to lack, if it isn't about the value alone."""
    if refused.param == "web_search":
        return Abilities(web_search=False)
    is_about_value = "value" in str(refused).lower()
    return Abilities(reasoning=False) if refused.param == "reasoning_effort" and not is_about_value else Abilities()


def _refusal(dialect: Dialect, error: APIStatusError, options: Options) -> ModelError:
    """Translate the server's error; one about an option of the request becomes ``OptionRefused``."""
    reported = status_error(error)
    if error.status_code not in (400, 422) or type(reported) is not UpstreamFailed:
        return reported
    name = refused_option(dialect, error, options)
    return OptionRefused(str(reported), param=name) if name else reported
