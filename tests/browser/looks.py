"""What an element looks like where no role or name says it."""

from playwright.sync_api import Locator, Page

# Itself or what is around it, up to the first that scrolls sideways.
_BOX = """let box = element;
  while (box && !["auto", "scroll"].includes(getComputedStyle(box).overflowX)) box = box.parentElement;"""


def colour(element: Locator) -> str:
    """Of its text, as CSS computes it."""
    return element.first.evaluate("element => getComputedStyle(element).color")


def page_overflow(page: Page) -> int:
    """By how many pixels the page can be scrolled sideways."""
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def is_wider_than_its_box(element: Locator) -> bool:
    """Whether there is more of it than the nearest box around it that scrolls sideways can show at once."""
    script = f"element => {{ {_BOX} return box && box.scrollWidth > box.clientWidth; }}"
    while (is_wider := element.evaluate(script)) is None:  # it has been drawn anew meanwhile
        pass
    return is_wider


def scroll_sideways(element: Locator) -> float:
    """Scroll the nearest box that can be to its other end; returns by how many pixels that is."""
    return element.evaluate(f"element => {{ {_BOX} box.scrollLeft = 1e6; return Math.abs(box.scrollLeft); }}")
