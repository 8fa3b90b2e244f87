"""The content security policy of a page that another server than ours sends: that of development."""

import reflex as rx


def content_policy(policy: str) -> rx.Component:
    """An element of the page's head."""
    return rx.el.meta(http_equiv="Content-Security-Policy", content=policy)
