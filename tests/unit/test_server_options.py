"""Options of the HTTP servers."""

import pytest

from chat_app.config import ConfigError
from chat_app.infrastructure.server.options import gunicorn_arguments

LOGGER = "--logger-class chat_app.infrastructure.observability.gunicorn_log.GunicornLogger"
OURS = f"--worker-class chat_app.infrastructure.server.worker.HttpWorker {LOGGER} --workers 1 --no-control-socket"


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
