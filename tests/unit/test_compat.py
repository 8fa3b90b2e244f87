"""Functions and constants of Reflex and uvicorn that the app replaces are where it expects them."""

import inspect

import uvicorn
from reflex import reflex as reflex_cli
from reflex.utils import exec as reflex_exec
from reflex_base.constants import PackageJson

from chat_app.infrastructure.production import serve


def test_reflex_run_in_production_calls_what_is_replaced():
    assert "exec.run_backend_prod(" in inspect.getsource(reflex_cli._run_prod)
    assert "host, port, config.loglevel.subprocess_level(), running_mode.has_frontend()" in inspect.getsource(
        reflex_cli._run_prod
    )
    parameters = list(inspect.signature(serve).parameters)
    assert parameters == ["host", "port", "loglevel", "mount_frontend_compiled_app"]


def test_reflex_run_in_development_calls_what_is_replaced():
    assert "uvicorn.run(" in inspect.getsource(reflex_exec.run_uvicorn_backend)
    assert callable(uvicorn.run)
    assert "react-router dev" in PackageJson.Commands.DEV
