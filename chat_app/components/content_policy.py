"""What the page may fetch from other sites: no pictures, scripts, styles, fonts, frames, whoever asks for them.

An answer could otherwise have the browser fetch an address that carries away what the model was told. Markdown and
formulas are drawn without such things; Mermaid isn't, not even at its strictest level. The page's own parts may come
from elsewhere once their site is listed here. https://www.w3.org/TR/CSP3/
"""

import reflex as rx

_POLICY = {
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval'",  # Reflex's own: the page's first state, rx.call_script
    "img-src": "'self' data: blob:",
    "style-src": "'self' 'unsafe-inline'",
    "font-src": "'self' data:",
    "media-src": "'self' data: blob:",
    "frame-src": "'none'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}


def content_policy() -> rx.Component:
    """An element of the page's head."""
    content = "; ".join(f"{directive} {sources}" for directive, sources in _POLICY.items())
    return rx.el.meta(http_equiv="Content-Security-Policy", content=content)
