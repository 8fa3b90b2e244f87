"""Metrics of several workers."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chat_app.infrastructure.observability import metrics

ROOT = Path(__file__).parents[2]

# Counts two refusals and watches a gauge of 3, then waits; or prints all metrics.
_WORKER = """
import sys
from chat_app.infrastructure.observability.metrics import Metrics
metrics = Metrics()
metrics.watch("chat_answers_running", "Streaming answers.", lambda: 3)
for _ in range(2):
    metrics.rejected("busy")
text = metrics.text().decode()
print(len(text), flush=True)
sys.stdin.readline()
print(metrics.text().decode(), flush=True)
"""


@contextmanager
def worker(folder: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", _WORKER],
        cwd=ROOT,
        env={"PROMETHEUS_MULTIPROC_DIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout
        assert process.stdout.readline()
        yield process
        process.kill()


def text_of(process: subprocess.Popen[str]) -> str:
    return process.communicate("\n", timeout=30)[0]


def test_each_worker_shows_the_sum_of_all(tmp_path: Path):
    with worker(tmp_path), worker(tmp_path) as other:
        text = text_of(other)
    assert 'chat_rejected_total{reason="busy"} 4.0' in text
    assert "chat_answers_running 6.0" in text
    assert "pid=" not in text


def test_a_worker_that_has_ended_leaves_its_counts_and_no_gauge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    with worker(tmp_path) as ended:
        pass
    metrics.forget_process(ended.pid)
    with worker(tmp_path) as other:
        text = text_of(other)
    assert 'chat_rejected_total{reason="busy"} 4.0' in text
    assert "chat_answers_running 3.0" in text


def test_the_workers_folder_is_private_and_removed_at_the_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    metrics.make_shared_folder()
    folder = Path(metrics.os.environ["PROMETHEUS_MULTIPROC_DIR"])
    assert folder.stat().st_mode & 0o777 == 0o700
    metrics.remove_shared_folder()
    assert not folder.exists()


def test_one_process_needs_no_folder(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    metrics.forget_process(1)
    metrics.remove_shared_folder()
    alone = metrics.Metrics()
    alone.watch("chat_answers_running", "Streaming answers.", lambda: 3)
    assert b"chat_answers_running 3.0" in alone.text()
