"""Text from outside."""


def encodable(text: str) -> str:
    """``text`` with ``?`` in place of each half of a surrogate pair, which can't be stored or sent on.

    JSON can escape such halves by themselves (RFC 8259, section 8.2).
    """
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
