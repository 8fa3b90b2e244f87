"""The settings of the conversation: instructions for the model, and options of its answers."""

from typing import Any

import reflex as rx

from chat_app.components.kit.buttons import text_button
from chat_app.components.kit.dialog import close_all, dialog, dialog_icon_button
from chat_app.components.kit.text import text
from chat_app.models.request import REASONING_EFFORTS
from chat_app.services.conversations.settings import MAX_INSTRUCTION_CHARS, MAX_TEMPERATURE, MAX_TOKENS
from chat_app.state.conversation.chat import ChatState

_NAME = "conversation_settings"


def conversation_settings_button() -> rx.Component:
    """The button that opens the settings, marked if they differ from the default."""
    return dialog_icon_button(
        "sliders-horizontal",
        _NAME,
        class_name=rx.cond(ChatState.settings.is_default, "settings-button", "settings-button is-set"),
    )


def conversation_settings() -> rx.Component:
    """The dialog with the settings."""
    return dialog(
        _NAME,
        rx.el.form(
            rx.el.label(
                text("instructions"),
                rx.el.textarea(
                    name="instructions",
                    default_value=ChatState.settings.instructions,
                    placeholder=text("instructions_example"),
                    max_length=MAX_INSTRUCTION_CHARS,
                    rows=4,
                    auto_focus=True,
                    class_name="text-box",
                ),
                class_name="stacked-setting",
            ),
            _number("temperature", ChatState.settings.temperature, min=0, max=MAX_TEMPERATURE, step=0.1),
            _number("top_p", ChatState.settings.top_p, min=0, max=1, step=0.05),
            _number("max_tokens", ChatState.settings.max_tokens, min=1, max=MAX_TOKENS, step=1),
            rx.el.label(
                text("reasoning_effort"),
                rx.el.select(
                    rx.el.option(text("as_the_model_does"), value=""),
                    *(rx.el.option(effort, value=effort) for effort in REASONING_EFFORTS),
                    name="reasoning_effort",
                    default_value=ChatState.settings.reasoning_effort,
                    class_name="select",
                ),
                class_name="setting",
            ),
            _hint(~ChatState.abilities.reasoning, "no_reasoning"),
            rx.cond(
                ChatState.abilities.web_search | (ChatState.settings.web_search != ""),
                rx.fragment(_web_search(), _hint(~ChatState.abilities.web_search, "no_web_search")),
            ),
            text_button("save", type="submit", class_name="primary-button self-end"),
            on_submit=[ChatState.change_settings, close_all()],
            class_name="flex flex-col gap-3",
            # `default_value` applies on mount only; the key forces a remount.
            key=rx.Var.create(f"{ChatState.conversation_id} {ChatState.settings.to_string()}"),
        ),
    )


def _web_search() -> rx.Component:
    box = rx.el.input(
        type="checkbox", name="web_search", default_checked=ChatState.settings.web_search != "", class_name="check-box"
    )
    return rx.el.label(text("web_search"), box, class_name="setting")


def _hint(condition: rx.Var[bool], name: str) -> rx.Component:
    """A sentence about the option above it."""
    return rx.cond(condition, rx.el.p(text(name), class_name="-mt-2 text-sm text-muted-foreground"))


def _number(name: str, value: rx.Var[str], **bounds: Any) -> rx.Component:
    box = rx.el.input(
        type="number",
        name=name,
        default_value=value,
        placeholder=text("as_the_model_does"),
        input_mode="decimal",
        class_name="text-box number-box",
        **bounds,
    )
    return rx.el.label(text(name), box, class_name="setting")
