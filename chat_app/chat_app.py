"""The app: its pages, and the API beside them."""

from functools import partial

import reflex as rx
from reflex.utils.exec import is_prod_mode

from chat_app.api.app import create_api, with_visitors
from chat_app.api.http.below_path import WholePath
from chat_app.components.conversation.header import page_title
from chat_app.components.kit.page_start import page_start
from chat_app.components.page import chat_container
from chat_app.infrastructure.observability.logs import configure as configure_logs
from chat_app.infrastructure.security.response_headers import PAGE_POLICY, as_text
from chat_app.infrastructure.server.pages import CONVERSATION_ROUTE, PagesApp, app_path
from chat_app.lifespan import lifespan
from chat_app.state.conversation.chat import ChatState
from chat_app.state.conversation.failures import report_failure
from chat_app.state.settings.language import LanguageState
from chat_app.state.sidebar.conversation_list import ConversationList
from chat_app.wiring import services

settings = services().settings
configure_logs(settings.log_format, with_process=settings.web_concurrency > 1)
# In production our own server sends the page, with the policy as a header.
policy = [] if is_prod_mode() else [rx.el.meta(http_equiv="Content-Security-Policy", content=as_text(PAGE_POLICY))]
api = create_api(services(), is_open=not is_prod_mode())
on_load = [LanguageState.detect, ChatState.load, ConversationList.detect_time_zone, ConversationList.watch]

app = PagesApp(
    stylesheets=["/theme.css", "/markdown.css"],
    head_components=[
        *policy,
        page_start(),
        rx.el.link(rel="icon", href=rx.asset("favicon.svg")),
        rx.el.link(rel="apple-touch-icon", href=rx.asset("touch-icon.png")),
    ],
    toaster=None,
    backend_exception_handler=report_failure,
    # Reflex's own notice of a lost connection has another style and is in English only.
    extra_app_wraps={(5, "Overlay"): lambda _: rx.fragment()},
    api_transformer=[WholePath, api, partial(with_visitors, services=services(), path=app_path())],
)
app.register_lifespan_task(lifespan)
for route in (CONVERSATION_ROUTE, "404"):
    app.add_page(chat_container, route=route, title=page_title(), on_load=on_load)
