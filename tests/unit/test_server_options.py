"""Options of the HTTP servers."""

import pytest

from chat_app.config import ConfigError
from chat_app.infrastructure.server import options
from chat_app.infrastructure.server.options import worker_count
from tests.server import ChosenSettings

LOGGER = "--logger-class chat_app.infrastructure.observability.gunicorn_log.GunicornLogger"
OURS = f"--worker-class chat_app.infrastructure.server.worker.HttpWorker {LOGGER} --workers 1 --no-control-socket"

SHARED = {"database_url": "postgresql://localhost/chat", "redis_url": "redis://localhost"}


def gunicorn_arguments(given: str, **settings: object) -> str:
    return options.gunicorn_arguments(given, ChosenSettings(**settings))  # type: ignore[arg-type] - of several types


def test_gunicorn_runs_one_worker_of_the_apps_class_and_logs_as_the_app_does():
    assert gunicorn_arguments("") == OURS


@pytest.mark.parametrize(
    "given",
    [
        "--access-logfile -",
        "--worker-connections 100 --bind=0.0.0.0:80",
        "--access-logformat '%(h)s %(r)s' -c file:x.py",
    ],
)
def test_other_arguments_of_gunicorn_are_kept(given: str):
    assert gunicorn_arguments(given) == f"{OURS} {given}"


def test_arguments_of_gunicorn_are_not_added_twice():
    assert gunicorn_arguments(gunicorn_arguments("--access-logfile -")) == f"{OURS} --access-logfile -"


@pytest.mark.parametrize("given", ["-k gevent", "--worker-class=gevent", "-w 1 --worker-class gevent"])
def test_another_worker_class_is_kept(given: str):
    assert gunicorn_arguments(given) == f"--worker-class gevent {LOGGER} --workers 1 --no-control-socket"


def test_another_logger_class_is_kept():
    assert "--logger-class mine.Log --workers 1" in gunicorn_arguments("--logger-class mine.Log")


@pytest.mark.parametrize("given", ["--workers 2", "--workers=2", "-w 2", "-w2"])
def test_more_workers_than_one_are_refused(given: str):
    with pytest.raises(ConfigError, match=f"GUNICORN_CMD_ARGS='{given}'"):
        gunicorn_arguments(given)


def test_a_control_socket_is_kept_where_one_is_named():
    assert gunicorn_arguments("--control-socket /run/chat.ctl").endswith("--workers 1 --control-socket /run/chat.ctl")


def test_with_redis_gunicorn_runs_the_configured_number_of_workers():
    arguments = gunicorn_arguments("", **SHARED, web_concurrency=4)
    assert "--workers 4 " in arguments
    assert worker_count(arguments) == 4


@pytest.mark.parametrize("given", ["--workers 2", "--workers=2", "-w 2", "-w2"])
def test_with_redis_arguments_of_gunicorn_may_name_more_workers(given: str):
    arguments = gunicorn_arguments(given, **SHARED)
    assert worker_count(arguments) == 2
    assert gunicorn_arguments(arguments, **SHARED) == arguments


def test_one_worker_is_the_number_without_one():
    assert worker_count("") == worker_count(gunicorn_arguments("")) == 1


def test_gunicorn_waits_longer_for_a_worker_than_the_worker_for_its_answers():
    assert "--graceful-timeout 40 --config python:" in gunicorn_arguments("", **SHARED)
    assert "--graceful-timeout 25 " in gunicorn_arguments("", **SHARED, shutdown_grace=4.5)
    assert "--graceful-timeout 7 " in gunicorn_arguments("--graceful-timeout 7", **SHARED)


def test_without_redis_gunicorn_does_not_kill_a_worker_that_waits_for_the_answers_of_the_one_before_it():
    assert "--graceful-timeout 60 --timeout 70 " in gunicorn_arguments("", shutdown_grace=40)
