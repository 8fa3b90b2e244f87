"""Functions and constants of Reflex and uvicorn that the app replaces are where it expects them."""

import inspect

import reflex as rx
import uvicorn
from reflex import reflex as reflex_cli
from reflex.utils import exec as reflex_exec
from reflex_base.constants import PackageJson
from reflex_base.vars import VarData

from chat_app.compat import HookProps, imports_of
from chat_app.infrastructure.server.production import serve


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


def test_props_of_hooks_do_not_reach_the_element():
    class Counter(HookProps, rx.el.Div):
        count: rx.Var[int]

        def add_hooks(self) -> list[str | rx.Var]:
            return [f"useCounter({self.count!s});"]

    counter = Counter.create(count=7, id="counter")
    assert "useCounter(7);" in counter.add_hooks()
    assert "counter" in str(counter.render())
    assert "7" not in str(counter.render())


def test_the_imports_of_an_expression_are_known():
    expression = rx.Var("draw()", _var_data=VarData(imports={"./draw.js": "draw"}))
    assert "./draw.js" in imports_of(expression)
    assert imports_of(rx.Var("1")) == {}
