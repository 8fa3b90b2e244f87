"""Composition root: builds the dependencies of the page and the API."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cache

from chat_app.agent import Agent, Agents, registered
from chat_app.config import ConfigError, Settings, settings
from chat_app.infrastructure.demo.provider import DemoProvider
from chat_app.infrastructure.demo.replies import THINKING_MODEL
from chat_app.infrastructure.files.contents import contents_at
from chat_app.infrastructure.files.reader import WorkerFileReader
from chat_app.infrastructure.observability.logs import log_answer
from chat_app.infrastructure.observability.metrics import Metrics
from chat_app.infrastructure.openai.provider import OpenAIProvider
from chat_app.infrastructure.openai.server import OpenAIServer
from chat_app.infrastructure.security.secret_key import secret_key
from chat_app.infrastructure.server.connections import Connections
from chat_app.infrastructure.shared_state import SharedState, shared_state
from chat_app.infrastructure.sql.store import SqlStore
from chat_app.model_servers import ModelServer
from chat_app.models.answer_record import Report
from chat_app.models.listed_model import Abilities, ListedModel
from chat_app.services.answering.ai_service import AIService, TimeLimits, model_agent
from chat_app.services.answering.allowance import Allowance, Limits
from chat_app.services.answering.answers import Answers
from chat_app.services.answering.lease_keeper import LeaseKeeper
from chat_app.services.answering.model_directory import ModelDirectory, ServedModels
from chat_app.services.answering.readiness import Readiness
from chat_app.services.answering.saver import AnswerSaver
from chat_app.services.asking.history import History
from chat_app.services.asking.questions import Questions
from chat_app.services.conversations.changes import Changes
from chat_app.services.conversations.conversations import Conversations
from chat_app.services.conversations.feedback import Feedback
from chat_app.services.conversations.titles import Titles
from chat_app.services.conversations.versions import Versions
from chat_app.services.files.files import FileLimits, Files
from chat_app.services.ports import FileReader, Observe, Provider, RateLimiter
from chat_app.services.transfer.exports import Exports
from chat_app.services.transfer.imports import Imports

TITLE_REPLY_CHARS = 10_000  # a title and the reasoning before it


@dataclass(frozen=True, slots=True)
class Services:
    """Dependencies of the page and the API."""

    settings: Settings
    secret_key: str = field(repr=False)
    limiter: RateLimiter
    metrics: Metrics
    servers: Sequence[OpenAIServer]
    agents: Agents
    models: ModelDirectory
    store: SqlStore
    shared: SharedState
    answers: Answers
    connections: Connections
    titles: Titles | None
    conversations: Conversations
    files: Files
    questions: Questions
    versions: Versions
    feedback: Feedback
    exports: Exports
    imports: Imports
    changes: Changes
    readiness: Readiness


def build(config: Settings, provider: Provider | None = None, reader: FileReader | None = None) -> Services:
    """Build the dependencies, without opening connections.

    Args:
        provider: Replaces the configured model.
        reader: Replaces the reader of files.
    """
    store, shared = SqlStore(config.database_url), shared_state(config)
    changes, limiter, metrics = Changes(shared.announcer), shared.limiter, Metrics()
    servers = (
        []
        if provider
        else [(each, OpenAIServer(each.address, each.api_key.get_secret_value())) for each in config.model_servers]
    )
    served = [_served(config, *each) for each in servers]
    agents = _agents(config, provider, served)
    answers = _answers(config, agents, store, shared, metrics)
    conversations = Conversations(store, answers, changes)
    files = _files(config, store, limiter, reader or WorkerFileReader())
    history = History(store, files, max_messages=config.max_history_messages, max_chars=config.max_history_chars)
    titles = _titles(config, agents, store, changes)
    return Services(
        settings=config,
        secret_key=secret_key(config),
        limiter=limiter,
        metrics=metrics,
        servers=[server for _, server in servers],
        agents=agents,
        models=ModelDirectory(agents, served, follows_list=not config.is_model_chosen),
        store=store,
        shared=shared,
        answers=answers,
        connections=Connections(),
        titles=titles,
        conversations=conversations,
        files=files,
        questions=Questions(
            conversations,
            store,
            answers,
            history,
            changes,
            files=files,
            titles=titles,
            max_chars=config.max_message_chars,
        ),
        versions=Versions(store),
        feedback=Feedback(store),
        exports=Exports(store, limiter),
        imports=Imports(store, changes, limiter),
        changes=changes,
        readiness=Readiness(store, answers),
    )


def _files(config: Settings, store: SqlStore, limiter: RateLimiter, reader: FileReader) -> Files:
    limits = FileLimits(
        file_bytes=config.max_file_bytes,
        files=config.max_files,
        message_bytes=config.max_files_bytes,
        quota=config.file_quota,
    )
    try:
        contents = contents_at(config.files_url, config.data_folder / "files")
    except ValueError as error:
        raise ConfigError(f"FILES_URL: {error}") from None
    return Files(store, contents, reader, limiter, limits)


_in_use: ContextVar[Services | None] = ContextVar("services", default=None)


def services() -> Services:
    """Return the dependencies of this process, or those of ``override_services``."""
    return _in_use.get() or _of_this_process()


@contextmanager
def override_services(dependencies: Services) -> Iterator[None]:
    """Override the result of ``services``, also in tasks created inside."""
    before = _in_use.set(dependencies)
    try:
        yield
    finally:
        _in_use.reset(before)


@cache
def _of_this_process() -> Services:
    return build(settings())


def _answers(config: Settings, agents: Agents, store: SqlStore, shared: SharedState, metrics: Metrics) -> Answers:
    limits = TimeLimits(config.answer_timeout, first=config.first_token_timeout, gap=config.token_gap_timeout)
    ai = AIService(
        agents, limits=limits, max_chars=config.max_answer_chars, max_document_chars=config.max_document_chars
    )
    share = config.keys_share if config.stream_api_keys else 0
    allowance = Allowance(
        shared.slots,
        shared.limiter,
        at_once=Limits.within(
            config.max_running_answers,
            each=config.max_running_answers_each,
            per_network=config.max_running_answers_per_address,
            keys_share=share,
        ),
        per_minute=Limits.within(
            config.max_requests_per_minute,
            each=config.max_requests_per_minute_each,
            per_network=config.max_requests_per_minute_per_address,
            keys_share=share,
        ),
    )
    answers = Answers(
        ai,
        shared.log,
        store,
        allowance,
        leases=LeaseKeeper(shared.leases, shared.slots),
        saver=AnswerSaver(store),
        grace=config.abandoned_answer_grace,
        observe=_observer(metrics),
    )
    metrics.watch("chat_answers_running", "Streaming answers.", lambda: answers.running)
    metrics.watch("chat_open_streams", "Readers of streaming answers.", lambda: answers.readers)
    return answers


def _titles(config: Settings, agents: Agents, store: SqlStore, changes: Changes) -> Titles | None:
    """Build title suggestions; ``None`` with the demo model, or if switched off."""
    if config.is_demo or not config.suggest_titles:
        return None
    ai = AIService(agents, limits=TimeLimits(config.title_timeout), max_chars=TITLE_REPLY_CHARS)
    return Titles(ai, store, changes)


def _observer(metrics: Metrics) -> Observe:
    def observe(report: Report) -> None:
        log_answer(report)
        metrics.answer_ended(report)

    return observe


def _agents(config: Settings, provider: Provider | None, served: Sequence[ServedModels]) -> Agents:
    """Collect the default model, the demo's other model, and the agents in ``chat_app/agents/``."""
    others = [] if provider or served else [_demo(config, THINKING_MODEL)]
    default = model_agent(config.model, provider) if provider else _default_model(config, served)
    try:
        return Agents(default, [*others, *registered()])
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _default_model(config: Settings, served: Sequence[ServedModels]) -> Agent:
    if not served:
        return _demo(config, config.model)
    prefix = config.server_of(config.model).name
    server = next(each for each in served if each.name == prefix)
    name = config.model.removeprefix(f"{prefix}/") if prefix else config.model
    return server.agent(ListedModel(name, server.chosen.get(name, "")))


def _demo(config: Settings, model: str) -> Agent:
    abilities = Abilities(reasoning=model == THINKING_MODEL, web_search=True)
    return replace(model_agent(model, DemoProvider(model, pace=config.demo_pace)), abilities=abilities)


def _served(config: Settings, configured: ModelServer, server: OpenAIServer) -> ServedModels:
    """Build a server's entry in the directory of models."""

    @cache
    def provider(model: str) -> Provider:
        return OpenAIProvider(
            server,
            model,
            system_prompt=config.system_prompt,
            max_tokens=config.max_tokens,
            has_responses=configured.has_responses,
            # Shorter than the idle timeout, which would make a finished answer fail.
            finished_silence=min(10.0, config.token_gap_timeout / 2),
        )

    return ServedModels(configured.name, server, provider, configured.models, configured.abilities)
