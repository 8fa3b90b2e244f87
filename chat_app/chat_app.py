"""The app: its pages, and the API beside them."""

from functools import partial

import reflex as rx

from chat_app.api.app import create_api
from chat_app.api.identity import VisitorCookie
from chat_app.components.chat_container import conversation, new_conversation
from chat_app.state.chat import ChatState
from chat_app.state.conversation_list import ConversationList
from chat_app.state.language import LanguageState
from chat_app.wiring import lifespan, services

visitor_cookie = partial(VisitorCookie, secure=services().settings.cookie_secure)
on_load = [LanguageState.detect, ChatState.load, ConversationList.load]

app = rx.App(
    stylesheets=["/theme.css"],
    head_components=[rx.el.link(rel="icon", href="/favicon.svg")],
    toaster=None,
    api_transformer=[create_api(services()), visitor_cookie],
)
app.register_lifespan_task(lifespan)
app.add_page(new_conversation, route="/", title=ChatState.title, on_load=on_load)
app.add_page(conversation, route="/chat/[id_]", title=ChatState.title, on_load=on_load)
