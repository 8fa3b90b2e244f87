"""A draft is the text of an answer, as far as there is one."""

from chat_app.models.events import Chunk, Reasoning
from chat_app.services.draft import Draft


def test_it_is_empty_at_first():
    assert (Draft().text, Draft().reasoning, Draft().pieces) == ("", "", 0)


def test_text_and_reasoning_add_up_apart():
    draft = Draft()
    for piece in (Reasoning("H"), Chunk("Hel"), Reasoning("m."), Chunk("lo.")):
        draft.add(piece)
    assert (draft.text, draft.reasoning) == ("Hello.", "Hm.")


def test_every_piece_counts():
    draft = Draft()
    draft.add(Chunk("Hel"))
    before = draft.pieces
    draft.add(Reasoning("Hm."))
    assert draft.pieces > before
