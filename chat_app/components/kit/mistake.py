"""The notice, in development, about a mistake in the code that keeps the server from starting."""

from typing import Any

import reflex as rx
from reflex.utils.exec import is_prod_mode
from reflex_base.utils.imports import ImportDict, ImportVar
from reflex_components_core.core.banner import has_connection_errors

from chat_app.components.kit.text import text

_SCRIPT = rx.asset("mistake.js", shared=True)
_MISTAKE = rx.Var("mistake").to(str)


class _Mistake(rx.el.Div):
    def add_imports(self) -> ImportDict:
        return {
            _SCRIPT.importable_path: ["useMistake"],
            "$/utils/state": ["getBackendURL"],
            "$/env.json": ImportVar(tag="env", is_default=True),
        }

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        # As a var, which brings along the hooks of the one within it.
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
    """Shows file, line and error until the mistake is mended; empty in production."""
    return rx.fragment() if is_prod_mode() else _mistake()
