"""The notice, in development, of an error in the code that keeps the server from starting."""

from typing import Any

import reflex as rx
from reflex.utils.exec import is_prod_mode
from reflex_base.utils.imports import ImportDict, ImportVar
from reflex_components_core.core.banner import has_connection_errors

from chat_app.components.kit.text import text

_SCRIPT = rx.asset("mistake.js", shared=True).importable_path
_MISTAKE = rx.Var("mistake").to(str)


class _Mistake(rx.el.Div):
    def add_imports(self) -> ImportDict:
        return {
            _SCRIPT: ["useMistake"],
            "$/utils/state": ["getBackendURL"],
            "$/env.json": ImportVar(tag="env", is_default=True),
        }

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        # A Var rather than a string, so that it brings the hooks of the Var within it.
        return [rx.Var(f"const mistake = useMistake({has_connection_errors}, getBackendURL(env.PING).href);")]


@rx.memo
def _mistake() -> rx.Component:
    return _Mistake.create(
        rx.cond(
            _MISTAKE,
            rx.el.div(
                rx.el.p(text("mistake")),
                rx.el.pre(_MISTAKE, class_name="mt-1 whitespace-pre-wrap break-words font-mono text-sm"),
                role="alert",
                class_name="error-notice !block",
            ),
        ),
    )


def mistake_notice() -> rx.Component:
    """File, line and error, until it is corrected; empty in production."""
    return rx.fragment() if is_prod_mode() else _mistake()
