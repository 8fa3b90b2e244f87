"""Reads an answer out to people with a screen reader while it is being written, in whole paragraphs.

A live region whose text grows is of no use: screen readers read out every token, or, as long as it is said to be
busy, nothing at all, then and later (NVDA, in ``ia2LiveRegions.cpp``). So the messages themselves are silent, and each
part of an answer that is complete, a paragraph, an entry of a list, a cell of a table, is put into this region, as it
is drawn and without its Markdown, at most once a second. There it stays for as long as it takes to be noticed.
"""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportDict

from chat_app.compat import HookProps
from chat_app.state.chat import ChatState

_ANNOUNCER = """
const spoken = ":is(p, li, h2, h3, h4, h5, h6, pre, th, td):not(details *, .actions *)";
const unspoken = `${spoken}, button, annotation, [aria-hidden="true"], [role="status"]`;
const spokenText = (block) => {
  const copy = block.cloneNode(true);
  copy.querySelectorAll(unspoken).forEach((each) => each.remove());
  return copy.textContent.trim();
};
const announcing = (region, answerId) => {
  // What an answer that is continued has already isn't read out again; the last part is still growing.
  const parts = () => [...(document.getElementById(answerId)?.querySelectorAll(spoken) ?? [])];
  let said = Math.max(0, parts().length - 1);
  const announce = (complete) => {
    const piece = document.createElement("p");
    piece.textContent = complete.slice(said).map(spokenText).filter(Boolean).join("\\n");
    said = Math.max(said, complete.length);
    if (!piece.textContent) return;
    region.append(piece);
    setTimeout(() => piece.remove(), 10_000);
  };
  const timer = setInterval(() => announce(parts().slice(0, -1)), 1_000);
  return () => {
    clearInterval(timer);
    setTimeout(() => announce(parts()), 500);
  };
};
"""


class _Announcer(HookProps, rx.el.Div):
    """The live region.

    Attributes:
        answer_id: The ``id`` of the element with the answer that is being written, empty while there is none.
    """

    answer_id: rx.Var[str]

    def add_imports(self) -> ImportDict:
        return {"react": ["useEffect", "useRef"]}

    def add_custom_code(self) -> list[str]:
        return [_ANNOUNCER]

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        answer_id = str(self.answer_id)
        return [
            "const region = useRef();",
            f"useEffect(() => {answer_id} ? announcing(region.current, {answer_id}) : undefined, [{answer_id}]);",
        ]


@rx.memo
def announcer() -> rx.Component:
    return _Announcer.create(
        answer_id=ChatState.live_id,
        custom_attrs={"ref": rx.Var("region")},
        role="status",
        aria_atomic=False,
        class_name="sr-only",
    )
