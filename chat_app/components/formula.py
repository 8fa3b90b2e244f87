"""A formula in an answer, drawn by KaTeX (https://katex.org), which is fetched with the first one."""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportDict

_KATEX = r"""
let katex;
const fetchKatex = async () => {
  [{default: katex}] = await Promise.all([import("katex"), import("katex/dist/katex.min.css")]);
};

// Nothing is trusted by default, so that there are neither links nor images in a formula. Sizes are in em.
const katexOptions = {maxSize: 20, strict: false, throwOnError: false, errorColor: "var(--danger-foreground)"};

const useFormula = (source, displayMode) => {
  const [isFetched, setFetched] = useState(Boolean(katex));
  useEffect(() => {
    if (!isFetched) fetchKatex().then(() => setFetched(true));
  }, []);
  return useMemo(
    () => isFetched && {__html: katex.renderToString(source, {displayMode, ...katexOptions})},
    [source, displayMode, isFetched],
  );
};
"""
_HTML = rx.Var("formula")


class _Formula(rx.el.Span):
    lib_dependencies: list[str] = ["katex@0.16.47"]  # noqa: RUF012 - Reflex's own way to declare it

    source: rx.Var[str]
    is_display: rx.Var[bool]

    def add_imports(self) -> ImportDict:
        return {"react": ["useEffect", "useMemo", "useState"]}

    def add_custom_code(self) -> list[str]:
        return [_KATEX]

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        return [f"const formula = useFormula({self.source!s}, {self.is_display!s});"]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "source", "is_display"]


@rx.memo
def formula(source: rx.Var[str], is_display: rx.Var[bool]) -> rx.Component:
    """``source`` is LaTeX, shown as it is until it can be drawn; ``is_display`` puts it on a line of its own."""
    drawn = rx.el.span(custom_attrs={"dangerouslySetInnerHTML": _HTML})
    return _Formula.create(
        rx.cond(_HTML.to(bool), drawn, rx.el.code(source)),
        source=source,
        is_display=is_display,
        class_name=rx.cond(is_display, "formula formula-display", "formula"),
        custom_attrs={"tabIndex": rx.cond(is_display, 0, rx.Var("undefined"))},
    )
