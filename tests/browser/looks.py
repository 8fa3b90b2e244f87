"""Measures of an element's look, where no role or name tells it."""

from playwright.sync_api import Locator, Page

# The element or its nearest ancestor that scrolls sideways.
_BOX = """let box = element;
  while (box && !["auto", "scroll"].includes(getComputedStyle(box).overflowX)) box = box.parentElement;"""


def colour(element: Locator) -> str:
    """Return the computed colour of an element's text."""
    return element.first.evaluate("element => getComputedStyle(element).color")


def page_overflow(page: Page) -> int:
    """Return the pixels by which the page is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def is_wider_than_its_box(element: Locator) -> bool:
    """Return True if the nearest box that scrolls sideways can't show the whole element."""
    script = f"element => {{ {_BOX} return box && box.scrollWidth > box.clientWidth; }}"
    while (is_wider := element.evaluate(script)) is None:  # the element was replaced meanwhile
        pass
    return is_wider


def scroll_sideways(element: Locator) -> float:
    """Scroll the nearest box to its other end and return the distance in pixels."""
    return element.evaluate(f"element => {{ {_BOX} box.scrollLeft = 1e6; return Math.abs(box.scrollLeft); }}")
