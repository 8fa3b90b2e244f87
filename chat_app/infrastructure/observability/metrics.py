"""Prometheus metrics: https://prometheus.io/docs/instrumenting/exposition_formats/

Several workers write theirs into files of one folder, and each worker can add them up:
https://prometheus.github.io/client_python/multiprocess/
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from chat_app.models.answer_record import Report

_SECONDS = (0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 60, 120, 300, 600)
_SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client looks for it when it is imported
_REFRESH_INTERVAL = 1.0  # seconds


def make_shared_folder() -> None:
    """Make a private folder for the metrics of several workers, which inherit its name; call it before they start."""
    os.environ[_SHARED_FOLDER] = tempfile.mkdtemp(prefix="chat-metrics-")


def forget_process(pid: int) -> None:
    """Leave a process that has ended out of the gauges. What it has counted stays."""
    if os.environ.get(_SHARED_FOLDER):
        mark_process_dead(pid)


def remove_shared_folder() -> None:
    """Remove the folder of ``make_shared_folder``, if there is one."""
    if folder := os.environ.get(_SHARED_FOLDER):
        shutil.rmtree(folder, ignore_errors=True)


class Metrics:
    """Metrics since the server's start: of all workers on this machine if they share a folder, else of this process.

    Attributes:
        content_type: The media type of ``text``.
    """

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._is_shared = bool(os.environ.get(_SHARED_FOLDER))
        self._watched: list[tuple[Gauge, Callable[[], float]]] = []
        self._answers = Counter("chat_answers", "Answers that have ended.", ["outcome"], registry=registry)
        self._first_token = Histogram(
            "chat_first_token_seconds", "How long the model took to begin.", buckets=_SECONDS, registry=registry
        )
        self._duration = Histogram(
            "chat_answer_seconds", "How long whole answers took.", buckets=_SECONDS, registry=registry
        )
        self._tokens = Counter("chat_tokens", "Tokens that the model has counted.", ["kind"], registry=registry)
        self._rejected = Counter("chat_rejected", "Requests that were refused.", ["reason"], registry=registry)

    def watch(self, name: str, help_text: str, value: Callable[[], float]) -> None:
        """Add a gauge whose value is read at each scrape; that of another worker every second."""
        gauge = Gauge(name, help_text, registry=self._registry, multiprocess_mode="livesum")
        if self._is_shared:
            self._watched.append((gauge, value))
        else:
            gauge.set_function(value)

    async def keep_refreshing(self) -> None:
        """Write the gauges' values for the other workers, until cancelled."""
        while self._is_shared:
            self._refresh()
            await asyncio.sleep(_REFRESH_INTERVAL)

    def answer_ended(self, report: Report) -> None:
        self._answers.labels(report.result).inc()
        self._duration.observe(report.outcome.duration or 0.0)
        if report.first_token is not None:
            self._first_token.observe(report.first_token)
        if usage := report.outcome.usage:
            self._tokens.labels("prompt").inc(usage.prompt_tokens)
            self._tokens.labels("completion").inc(usage.completion_tokens)

    def rejected(self, reason: str) -> None:
        """Count a refused request.

        Args:
            reason: A code of ``chat_app.models.errors``.
        """
        self._rejected.labels(reason).inc()

    def text(self) -> bytes:
        """Return all metrics in Prometheus's text format."""
        if not self._is_shared:
            return generate_latest(self._registry)
        self._refresh()
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
        return generate_latest(registry)

    def _refresh(self) -> None:
        for gauge, value in self._watched:
            gauge.set(value())
