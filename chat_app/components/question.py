"""A message of the visitor's, and in its place, while they edit it, a box to write in."""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportDict

from chat_app.components.buttons import icon_button, text_button
from chat_app.components.copy_button import copy_button
from chat_app.components.enter_key import ENTER_SENDS
from chat_app.components.shortcuts import shortcut
from chat_app.components.text import text
from chat_app.components.version_pager import version_pager
from chat_app.state.chat import MESSAGE_BOX
from chat_app.state.message_actions import MessageActions

# The focus goes into the editor, with the cursor behind the last word, and back to where it was. A saved message is
# another version, with an id of its own: one that couldn't be saved stays in the editor.
_EDITING = """
const useEditing = (id) => {
  const [isEditing, setEditing] = useState(false);
  const row = useRef();
  const before = useRef();
  useEffect(() => setEditing(false), [id]);
  useEffect(() => {
    if (!isEditing) {
      before.current?.focus();
      return;
    }
    const box = row.current.querySelector("textarea");
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
    row.current.scrollIntoView({block: "nearest"});
  }, [isEditing]);
  const edit = ({currentTarget}) => {
    const {activeElement, body} = document;
    before.current = activeElement === body ? currentTarget : activeElement;
    setEditing(true);
  };
  const save = () => { before.current = document.getElementById("MESSAGE_BOX"); };
  const cancel = () => setEditing(false);
  const cancelWithEscape = (event) => {
    if (event.key !== "Escape" || event.nativeEvent.isComposing) return;
    event.preventDefault();
    cancel();
  };
  return {row, isEditing, edit, save, cancel, cancelWithEscape};
};
""".replace("MESSAGE_BOX", MESSAGE_BOX)
_IS_EDITING = rx.Var("editing.isEditing").to(bool)


class _Question(rx.el.Article):
    message_id: rx.Var[str]

    def add_imports(self) -> ImportDict:
        return {"react": ["useEffect", "useRef", "useState"]}

    def add_custom_code(self) -> list[str]:
        return [_EDITING]

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        return [f"const editing = useEditing({self.message_id!s});"]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "message_id"]


@rx.memo
def question(
    *,
    message_id: rx.Var[str],
    content: rx.Var[str],
    version: rx.Var[str],
    previous_id: rx.Var[str],
    next_id: rx.Var[str],
    is_unanswered: rx.Var[bool],
) -> rx.Component:
    return _Question.create(
        rx.cond(_IS_EDITING, _editor(message_id, content), rx.el.div(content, class_name="bubble")),
        rx.cond(is_unanswered, rx.el.p(text("unanswered"), class_name="unanswered-note")),
        rx.el.div(
            copy_button(content=content, label=text("copy")),
            _edit_button(),
            version_pager(version, previous_id, next_id),
            hidden=_IS_EDITING,
            class_name="actions -mr-2",
        ),
        message_id=message_id,
        custom_attrs={"ref": rx.Var("editing.row")},
        id=message_id,
        aria_label=text("you"),
        aria_live="off",
        class_name="flex scroll-m-2 flex-col items-end pt-3",
    )


def _edit_button() -> rx.Component:
    return icon_button("pencil", "edit", custom_attrs={"onClick": rx.Var("editing.edit"), **shortcut("edit_last")})


def _editor(message_id: rx.Var[str], content: rx.Var[str]) -> rx.Component:
    return rx.el.form(
        rx.el.textarea(
            name=MESSAGE_BOX,
            default_value=content,
            aria_label=text("edit_message"),
            rows=1,
            custom_attrs={"onKeyDown": ENTER_SENDS},
            class_name="message-box",
        ),
        rx.el.div(
            text_button("cancel", custom_attrs={"onClick": rx.Var("editing.cancel")}),
            text_button(
                "save", type="submit", custom_attrs={"onClick": rx.Var("editing.save")}, class_name="primary-button"
            ),
            class_name="flex justify-end gap-2",
        ),
        on_submit=MessageActions.edit(message_id),
        custom_attrs={"onKeyDown": rx.Var("editing.cancelWithEscape")},
        class_name="message-form mb-3 w-full flex-col !items-stretch",
    )
