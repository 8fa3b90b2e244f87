"""Live region (``aria-live``) that announces a streaming answer to screen readers, paragraph by paragraph.

A live region whose text grows is of no use: screen readers read out every token, or, while it is ``aria-busy``, nothing
at all, then and later (NVDA, in ``ia2LiveRegions.cpp``). So the messages themselves are silent, and each block of an
answer that is complete (a paragraph, a list item, a table cell) is put into this region, as it is drawn and without its
Markdown, at most once a second. It stays there long enough to be noticed.
"""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportDict

from chat_app.compat.reflex import HookProps
from chat_app.state.conversation.chat import ChatState

_SCRIPT = rx.asset("announcer.js", shared=True).importable_path


class _Announcer(HookProps, rx.el.Div):
    """A live region for one answer at a time.

    Attributes:
        answer_id: The ``id`` of the element with the answer that streams; empty without one.
    """

    answer_id: rx.Var[str]

    def add_imports(self) -> ImportDict:
        return {_SCRIPT: ["useAnnouncer"]}

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        return [f"const region = useAnnouncer({self.answer_id!s});"]


@rx.memo
def announcer() -> rx.Component:
    return _Announcer.create(
        answer_id=ChatState.live_id,
        custom_attrs={"ref": rx.Var("region")},
        role="status",
        aria_atomic=False,
        class_name="sr-only",
    )
