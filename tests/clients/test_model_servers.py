"""``/stream`` in front of real model servers: llama.cpp's, and LiteLLM's proxy in front of it."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.server import ApiServer
from tests.server_process import free_port
from tests.stream_client import StreamClient

pytestmark = pytest.mark.clients

HERE = Path(__file__).parent / "model_servers"
MODEL = "tiny"
PROXY_KEY = "sk-local-0123456789abcdef"
MAX_TOKENS = 8
TOO_LONG = "Hello! " * 200
STARTING = 240.0


@pytest.fixture(scope="session")
def python(request: pytest.FixtureRequest) -> Path:
    """Python in the servers' environment, which is kept from one run to the next."""
    requirements = HERE / "requirements.txt"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    folder = request.config.cache.mkdir("model_servers") / wanted
    python, installed = folder / "bin" / "python", folder / "installed"
    if not installed.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "--no-compile", "-r", requirements], check=True)
        installed.touch()
    return python


@pytest.fixture(scope="session")
def llama(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of llama.cpp's server."""
    folder, port = tmp_path_factory.mktemp("llama"), free_port()
    command = [python, HERE / "llama.py", folder / "tiny.gguf", str(port)]
    with serving(command, folder, f"http://127.0.0.1:{port}/health"):
        yield f"http://127.0.0.1:{port}/v1"


@pytest.fixture(scope="session")
def litellm(python: Path, llama: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of LiteLLM's proxy."""
    folder, port = tmp_path_factory.mktemp("litellm"), free_port()
    config = folder / "config.yaml"
    model = f"{{model: openai/{MODEL}, api_base: '{llama}', api_key: none}}"
    config.write_text(f"model_list:\n  - model_name: {MODEL}\n    litellm_params: {model}\n")
    command = [python.with_name("litellm"), "--config", config, "--host", "127.0.0.1", "--port", str(port)]
    with serving(command, folder, f"http://127.0.0.1:{port}/health/liveliness"):
        yield f"http://127.0.0.1:{port}/v1"


@pytest.fixture(params=["llama", "litellm"])
def program(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StreamClient]:
    """A client of the app, with each of the servers behind it."""
    with asking(request.getfixturevalue(request.param), tmp_path) as client:
        yield client


@contextmanager
def serving(command: list[str | Path], folder: Path, health: str) -> Iterator[None]:
    """Run a server during the tests; LiteLLM fetches no prices."""
    own = {"HOME": str(folder), "LITELLM_MASTER_KEY": PROXY_KEY, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    log = folder / "log"
    with log.open("w") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ, **own}, cwd=folder)
        try:
            deadline = time.monotonic() + STARTING
            while not is_healthy(health):
                assert server.poll() is None, log.read_text()[-2000:]
                assert time.monotonic() < deadline, log.read_text()[-2000:]
                time.sleep(0.2)
            yield
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def is_healthy(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


@contextmanager
def asking(url: str, folder: Path, *, model: str = MODEL, key: str = PROXY_KEY) -> Iterator[StreamClient]:
    settings = {"openai_model": model, "openai_api_key": key, "max_tokens": MAX_TOKENS, "system_prompt": ""}
    with ExitStack() as running:
        server = running.enter_context(ApiServer(url, folder, **settings))
        yield running.enter_context(closing(StreamClient(server.url)))


def test_an_answer_streams_to_its_end(program: StreamClient):
    reply = program.post("Hello")
    assert reply.text
    assert (reply.done["status"], reply.done["finish_reason"]) == ("complete", "length")
    assert reply.done["usage"]["completion_tokens"] == MAX_TOKENS
    assert reply.done["usage"]["prompt_tokens"] > 0
    assert reply.done["model"]


def test_one_connection_serves_one_answer_after_another(program: StreamClient):
    assert [program.post(f"Hello {number}").done["status"] for number in range(3)] == ["complete"] * 3


def test_a_question_that_does_not_fit_is_too_long(program: StreamClient):
    reply = program.post(TOO_LONG)
    assert (reply.status, reply.error["code"]) == (413, "too_long")


def test_a_model_that_the_proxy_does_not_know_is_a_wrong_configuration(
    litellm: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    with asking(litellm, tmp_path, model="nobody-knows") as program:
        assert program.post("Hello").error["code"] == "misconfigured"
    assert "Invalid model name passed in model=nobody-knows" in caplog.text


def test_a_key_that_the_proxy_does_not_know_is_a_wrong_configuration(
    litellm: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    key = "sk-nobody-0123456789abcdef"
    with asking(litellm, tmp_path, key=key) as program:
        assert program.post("Hello").error["code"] == "misconfigured"
    assert key not in caplog.text
