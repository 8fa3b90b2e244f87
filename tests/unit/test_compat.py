"""Private names of other packages that ``chat_app.compat`` depends on."""

import asyncio
import inspect
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from importlib._bootstrap import spec_from_loader
from importlib._bootstrap_external import spec_from_file_location
from pathlib import Path
from types import CodeType
from typing import Any

import anyio
import httpx
import pytest
import reflex as rx
import reflex_base
import uvicorn
import uvicorn_worker
from reflex import assets as reflex_assets
from reflex import reflex as reflex_cli
from reflex.utils import exec as reflex_exec
from reflex_base.constants import PackageJson
from reflex_base.utils import log as reflex_log
from reflex_base.vars import VarData
from sse_starlette import EventSourceResponse
from starlette.types import Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chat_app.compat.gunicorn import SigquitWorker
from chat_app.compat.reflex import (
    HookProps,
    SameOriginApi,
    imports_of,
    is_reflex_command,
    speed_up_assets,
)
from chat_app.compat.sse_starlette import CommentPing
from chat_app.compat.uvicorn import BoundedHttpProtocol, stop_listening
from chat_app.infrastructure.server.production import serve
from tests.fakes import until

REFLEX_STATE = "const h=[`localhost`,`0.0.0.0`,`::`,`0:0:0:0:0:0:0:0`];"
"""The built form of the hosts that Reflex replaces."""

DEVELOPMENT_SERVER = """
import subprocess, sys, uvicorn
from chat_app.compat.reflex import set_development_server

uvicorn.run = lambda **options: print(options)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
set_development_server("my.module:app", log_config=None)
uvicorn.run(app="reflexs.own:app", port=8000)
print(child.poll() is None)
"""


class TestReflex:
    def test_run_in_production_calls_the_function_that_is_replaced(self):
        assert "exec.run_backend_prod(" in inspect.getsource(reflex_cli._run_prod)
        assert "host, port, config.loglevel.subprocess_level(), running_mode.has_frontend()" in inspect.getsource(
            reflex_cli._run_prod
        )
        parameters = list(inspect.signature(serve).parameters)
        assert parameters == ["host", "port", "loglevel", "mount_frontend_compiled_app"]

    def test_run_in_development_calls_the_functions_that_are_replaced(self):
        assert "uvicorn.run(\n        app=" in inspect.getsource(reflex_exec.run_uvicorn_backend)
        assert callable(uvicorn.run)
        assert "react-router dev" in PackageJson.Commands.DEV

    def test_the_development_server_has_own_options_and_ends_its_child_processes(self):
        # In a process of its own: those that the tests have started are its siblings.
        done = subprocess.run([sys.executable, "-c", DEVELOPMENT_SERVER], capture_output=True, text=True, check=True)
        options, is_child_running = done.stdout.splitlines()
        assert options == "{'app': 'my.module:app', 'port': 8000, 'log_config': None}"
        assert is_child_running == "False"

    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            (["/venv/bin/reflex", "run"], True),
            (["/packages/reflex/__main__.py", "export", "--no-zip"], True),
            (["/venv/bin/reflex", "init"], False),
            (["/venv/bin/reflex"], False),
            (["/venv/bin/gunicorn", "run"], False),
            (["/packages/chat_app/__main__.py", "run"], False),
        ],
    )
    def test_its_command_line_is_recognised(
        self, monkeypatch: pytest.MonkeyPatch, arguments: list[str], expected: bool
    ):
        monkeypatch.setattr(sys, "argv", arguments)
        assert is_reflex_command("run", "export") is expected

    @pytest.mark.parametrize("code", [spec_from_loader.__code__, spec_from_file_location.__code__])
    def test_the_import_system_is_found_without_a_search_where_an_asset_looks_for_its_caller(self, code: CodeType):
        assert "inspect.stack()" in inspect.getsource(reflex_assets.asset)
        speed_up_assets()
        assert code.co_filename in inspect.modulesbyfile
        assert inspect.getmodule(code, code.co_filename) is not None

    def test_reflex_does_not_use_the_redis_that_the_workers_share(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("REDIS_URL", "redis://localhost")
        assert rx.Config(app_name="chat_app").redis_url is None

    def test_its_log_is_attached_by_the_variable_that_is_removed(self):
        assert reflex_log._MANAGED_ENV_VAR == "REFLEX_MANAGED_LOGGING"
        assert "REFLEX_LOG_JSON" in inspect.getsource(reflex_log)

    def test_props_of_hooks_do_not_reach_the_element(self):
        class Counter(HookProps, rx.el.Div):
            count: rx.Var[int]

            def add_hooks(self) -> list[str | rx.Var]:
                return [f"useCounter({self.count!s});"]

        counter = Counter.create(count=7, id="counter")
        assert "useCounter(7);" in counter.add_hooks()
        assert "counter" in str(counter.render())
        assert "7" not in str(counter.render())

    def test_the_imports_of_an_expression_are_known(self):
        expression = rx.Var("draw()", _var_data=VarData(imports={"./draw.js": "draw"}))
        assert "./draw.js" in imports_of(expression)
        assert imports_of(rx.Var("1")) == {}


class TestSameOriginApi:
    def build(self, folder: Path, environment: str, state: str = REFLEX_STATE) -> str:
        """Pretend to build the page; returns the part with the API's addresses."""
        (folder / "assets").mkdir(parents=True)
        (folder / "assets/env.js").write_text(environment)
        (folder / "assets/state.js").write_text(state)
        SameOriginApi().post_build(static_dir=folder)
        return (folder / "assets/env.js").read_text()

    def test_addresses_follow_the_address_bar(self, tmp_path: Path):
        built = self.build(tmp_path, "var e={PING:`http://localhost:3000/ping`,EVENT:`ws://localhost:3000/_event`};")
        assert built == (
            'var e={PING:(location.origin.replace(/^http/,"http")+"/ping"),'
            'EVENT:(location.origin.replace(/^http/,"ws")+"/_event")};'
        )
        assert (tmp_path / "assets/state.js").read_text() == "const h=[];"

    def test_an_api_with_an_address_of_its_own_keeps_it(self, tmp_path: Path):
        environment = "var e={PING:`https://api.example.com/ping`};"
        assert self.build(tmp_path, environment) == environment
        assert (tmp_path / "assets/state.js").read_text() == REFLEX_STATE

    def test_a_reflex_that_computes_addresses_elsewhere_fails_the_build(self, tmp_path: Path):
        with pytest.raises(RuntimeError, match=r"compat/reflex\.py"):
            self.build(tmp_path, "var e={PING:`http://localhost:3000/ping`};", state="")

    def test_reflexs_script_has_the_list_of_hosts_that_is_replaced(self):
        script = (Path(inspect.getfile(reflex_base)).parent / ".templates/web/utils/state.js").read_text("utf-8")
        assert 'const SAME_DOMAIN_HOSTNAMES = ["localhost", "0.0.0.0", "::", "0:0:0:0:0:0:0:0"];' in script


class TestServers:
    @pytest.mark.parametrize(
        ("own", "base"), [(BoundedHttpProtocol, HttpToolsProtocol), (SigquitWorker, uvicorn_worker.UvicornWorker)]
    )
    def test_overridden_methods_exist(self, own: type, base: type):
        overridden = {name for name in vars(own) if not name.startswith("_")}
        assert overridden
        assert overridden <= set(dir(base))

    def test_uvicorn_calls_back_after_each_response(self):
        source = inspect.getsource(HttpToolsProtocol)
        assert "on_response=self.on_response_complete" in source
        assert "httptools.HttpRequestParser(self)" in source

    async def test_uvicorn_stops_listening_while_open_connections_go_on(self):
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body"})

        listener = socket.create_server(("127.0.0.1", 0))
        address = listener.getsockname()
        asgi: Any = app  # uvicorn and Starlette have types of their own for it
        server = uvicorn.Server(uvicorn.Config(asgi, lifespan="off", log_config=None))
        serving = asyncio.create_task(server.serve([listener]))
        await until(lambda: server.started)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{address[1]}") as client:
            assert (await client.get("/")).status_code == 204
            stop_listening(server.handle_exit)
            stop_listening(signal.SIG_DFL)
            await asyncio.sleep(0.01)
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(address)
            assert (await client.get("/")).status_code == 204
        server.should_exit = True
        await serving

    def test_sigquit_of_gunicorn_becomes_sigterm(self, monkeypatch: pytest.MonkeyPatch):
        sent: list[int] = []
        monkeypatch.setattr("os.kill", lambda _, number: sent.append(number))
        SigquitWorker.handle_exit(SigquitWorker.__new__(SigquitWorker), signal.SIGQUIT, None)
        assert sent == [signal.SIGTERM]
        assert "self.handle_exit, signal.SIGQUIT" in inspect.getsource(uvicorn_worker.UvicornWorker)


async def test_a_ping_of_sse_starlette_is_a_comment_line_without_an_empty_line():
    pinged = anyio.Event()

    async def events() -> AsyncIterator[bytes]:
        await pinged.wait()
        yield b""

    async def send(message: Message) -> None:
        if message.get("body") == b": ping\n":
            pinged.set()

    async def receive() -> Message:
        await anyio.sleep_forever()
        return {}

    response = EventSourceResponse(events(), ping=0.01, ping_message_factory=CommentPing)
    with anyio.fail_after(5):
        await response({"type": "http", "method": "GET"}, receive, send)
