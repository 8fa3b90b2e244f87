"""A button that is pressed by being scrolled to, and can be pressed like any other."""

from typing import Any

import reflex as rx

# A little before it is in sight, so that nobody waits; once for each piece, since the next one may take a while. It
# looks anew whenever it is drawn: who scrolls fast is at the end of the next piece before an observer sees a change.
# A function as ref may return what undoes it: https://react.dev/reference/react-dom/components/common#ref-callback
_PRESS_WHEN_NEAR = """
const pressWhenNear = (button) => {
  const press = (sightings) => {
    if (!sightings.at(-1).isIntersecting || button.pressedFor === button.dataset.piece) return;
    button.pressedFor = button.dataset.piece;
    button.click();
  };
  const observer = new IntersectionObserver(press, {scrollMargin: "200px"});
  observer.observe(button);
  return () => observer.disconnect();
};"""


class AutoPressButton(rx.el.Button):
    """The button; what it does is its ``on_click``."""

    def add_custom_code(self) -> list[str]:
        return [_PRESS_WHEN_NEAR]

    @classmethod
    def create(cls, *children: Any, piece: rx.Var[int] | int, **props: Any) -> rx.el.Button:
        """Create it.

        Args:
            piece: Changes with every piece that it has loaded.
        """
        attributes = {"data-piece": piece, "ref": rx.Var("(button) => pressWhenNear(button)")}
        return super().create(*children, type="button", custom_attrs=attributes, **props)
