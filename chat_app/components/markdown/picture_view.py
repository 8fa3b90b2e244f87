"""A view as large as the window, in which a picture of an answer can be zoomed."""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportDict

from chat_app.compat.reflex import HookProps
from chat_app.components.kit.buttons import icon_button

_SCRIPT = rx.asset("picture_view.js", shared=True)
_ID = rx.Var("pictureView.id").to(str)
_IS_OPEN = rx.Var("pictureView.scale").to(bool)


class _PictureView(HookProps, rx.Fragment):
    """Opens and zooms the view.

    Attributes:
        width, height: The picture's own size, in pixels.
    """

    width: rx.Var[int]
    height: rx.Var[int]

    def add_imports(self) -> ImportDict:
        return {_SCRIPT.importable_path: ["usePictureView"]}

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        return [f"const pictureView = usePictureView({self.width!s}, {self.height!s});"]


@rx.memo
def enlarge_button(src: rx.Var[str], alt: rx.Var[str], width: rx.Var[int], height: rx.Var[int]) -> rx.Component:
    """The button with the view that it opens; the picture is on the page only while the view is open."""
    return _PictureView.create(
        icon_button("maximize-2", "enlarge", custom_attrs={"popoverTarget": _ID}),
        rx.el.div(
            rx.cond(_IS_OPEN, rx.fragment(_bar(), _picture(src, alt))),
            id=_ID,
            role="dialog",
            aria_label=alt,
            custom_attrs={
                "popover": "auto",
                "onBeforeToggle": rx.Var("pictureView.onBeforeToggle"),
                "onToggle": rx.Var("pictureView.onToggle"),
                "onKeyDown": rx.Var("pictureView.onKeyDown"),
            },
            class_name="picture-view",
        ),
        width=width,
        height=height,
    )


def _bar() -> rx.Component:
    return rx.el.div(
        icon_button("zoom-out", "zoom_out", size=18, custom_attrs={"onClick": rx.Var("pictureView.zoomOut")}),
        rx.el.span(rx.Var("pictureView.percent").to(str), role="status", class_name="picture-scale"),
        icon_button("zoom-in", "zoom_in", size=18, custom_attrs={"onClick": rx.Var("pictureView.zoomIn")}),
        icon_button("x", "close", size=18, custom_attrs={"popoverTarget": _ID, "popoverTargetAction": "hide"}),
        class_name="picture-bar",
    )


def _picture(src: rx.Var[str], alt: rx.Var[str]) -> rx.Component:
    image = rx.el.img(src=src, alt=alt, width=rx.Var("pictureView.width").to(int))
    return rx.el.div(image, tab_index=0, class_name="picture-scroll")
