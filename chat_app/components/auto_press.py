"""A button that is pressed by being scrolled to, and can be pressed like any other."""

from typing import Any

import reflex as rx

# A little before it is in sight, so that nobody waits. A function as ref may return what undoes it:
# https://react.dev/reference/react-dom/components/common#ref-callback
_PRESS_WHEN_NEAR = """
const pressWhenNear = (button) => {
  const press = ([{isIntersecting}]) => isIntersecting && button.click();
  const observer = new IntersectionObserver(press, {scrollMargin: "200px"});
  observer.observe(button);
  return () => observer.disconnect();
};"""


class AutoPressButton(rx.el.Button):
    """The button; what it does is its ``on_click``."""

    def add_custom_code(self) -> list[str]:
        return [_PRESS_WHEN_NEAR]

    @classmethod
    def create(cls, *children: Any, **props: Any) -> rx.el.Button:
        return super().create(*children, type="button", custom_attrs={"ref": rx.Var("pressWhenNear")}, **props)
