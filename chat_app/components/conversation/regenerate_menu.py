"""The menu that regenerates an answer with another model or agent."""

import reflex as rx

from chat_app.components.kit.popup import popup_button
from chat_app.state.conversation.chat import ChatState
from chat_app.state.conversation.message_actions import MessageActions
from chat_app.state.conversation.model_menu import ModelChoice, ModelGroup


def regenerate_menu(answer_id: rx.Var[str]) -> rx.Component:
    """A button that opens the list of models; each regenerates the answer."""
    popup_id = "models-" + answer_id.to(str)
    return popup_button(
        popup_id, "chevron-down", "regenerate_with", _models(answer_id=answer_id, popup_id=popup_id), class_name="waits"
    )


@rx.memo
def _models(*, answer_id: rx.Var[str], popup_id: rx.Var[str]) -> rx.Component:
    """The list: a component of its own, so that only an open one is drawn again when the models change."""

    def group(item: rx.vars.ObjectVar[ModelGroup]) -> rx.Component:
        return rx.fragment(
            rx.cond(item.title, rx.el.p(item.title, class_name="model-heading")), rx.foreach(item.models, entry)
        )

    def entry(item: rx.vars.ObjectVar[ModelChoice]) -> rx.Component:
        return rx.el.button(
            item.title,
            type="button",
            on_click=MessageActions.regenerate_with(answer_id, item.name),
            custom_attrs={"popoverTarget": popup_id, "popoverTargetAction": "hide"},
            class_name="nav-link w-full",
        )

    return rx.el.div(rx.foreach(ChatState.model_groups, group), class_name="model-list")
