"""What the Enter key does in a box for a message."""

import reflex as rx

# It sends, except where it means something else: with Shift a new line; while an input method composes Korean,
# Japanese or Chinese, the end of the composition (keyCode 229: https://www.w3.org/TR/uievents/#determine-keydown-keyup-keyCode,
# for Safari, which ends the composition first); on a touch screen, whose keyboards have no Shift+Enter, a new line;
# while the box's form has no button that sends, nothing.
ENTER_SENDS = rx.Var(
    """(event) => {
  if (event.nativeEvent.isComposing || event.keyCode === 229 || event.shiftKey) return;
  if (event.key !== "Enter" || window.matchMedia("(pointer: coarse)").matches) return;
  event.preventDefault();
  const box = event.target;
  if (!event.repeat && box.value.trim()) box.form.querySelector("[type=submit]")?.click();
}"""
)
