"""The content security policy as an element of the page, for development, where another server sends the page."""

import reflex as rx


def content_policy(policy: str) -> rx.Component:
    """An element of the page's head."""
    return rx.el.meta(http_equiv="Content-Security-Policy", content=policy)
