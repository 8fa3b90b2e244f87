"""The time of a message."""

import reflex as rx
from reflex_base.utils.imports import ImportDict

from chat_app.state.settings.language import LanguageState

_SCRIPT = rx.asset("message_time.js", shared=True).importable_path


class _Time(rx.el.Time):
    def add_imports(self) -> ImportDict:
        return {_SCRIPT: ["longTime", "shortTime"]}


def message_time(created_at: rx.Var[str]) -> rx.Component:
    """The time in the visitor's time zone and language.

    The style sheet shows it from an attribute, so that it isn't copied or found with the text.

    Args:
        created_at: In UTC, as ISO 8601.
    """
    arguments = f"({created_at!s}, {LanguageState.language!s})"
    return rx.cond(
        created_at,
        _Time.create(
            date_time=created_at,
            title=rx.Var(f"longTime{arguments}").to(str),
            custom_attrs={"data-time": rx.Var(f"shortTime{arguments}").to(str)},
            class_name="message-time",
        ),
    )
