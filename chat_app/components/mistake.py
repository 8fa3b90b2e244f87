"""While developing: a mistake in the code, on the page that it keeps from its server."""

from typing import Any

import reflex as rx
from reflex.utils.exec import is_prod_mode
from reflex_base.utils.imports import ImportDict, ImportVar
from reflex_components_core.core.banner import has_connection_errors

from chat_app.components.text import text

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
        is_lost = rx.Var(str(has_connection_errors), _var_data=has_connection_errors._get_all_var_data())
        return [
            rx.Var(
                f"const mistake = useMistake({is_lost!s}, getBackendURL(env.PING).href);",
                _var_data=is_lost._get_all_var_data(),
            )
        ]


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
    """File, line and error, until the mistake is mended; nothing in production."""
    return rx.fragment() if is_prod_mode() else _mistake()
