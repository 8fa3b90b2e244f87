"""Prometheus metrics: https://prometheus.io/docs/instrumenting/exposition_formats/"""

from collections.abc import Callable

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from chat_app.models.answer_record import Report

_SECONDS = (0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 60, 120, 300, 600)


class Metrics:
    """Metrics of one process since its start.

    Attributes:
        content_type: The media type of ``text``.
    """

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
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
        """Add a gauge whose value is read at each scrape."""
        Gauge(name, help_text, registry=self._registry).set_function(value)

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
        return generate_latest(self._registry)
