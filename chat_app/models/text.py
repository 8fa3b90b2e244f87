"""Sanitizing of untrusted text."""


def encodable(text: str) -> str:
    """Replace lone surrogates by ``?``: they can't be encoded in UTF-8, but JSON can escape them.

    See RFC 8259, section 8.2.
    """
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def one_line(text: str, limit: int) -> str:
    """Return the beginning of ``text`` as one printable line, safe against log injection and terminal control.

    White space becomes single spaces. Other unprintable characters, such as escape sequences and bidirectional marks,
    are escaped as in a Python string literal.

    Args:
        limit: Maximum number of characters that are read and returned.
    """
    line = " ".join(encodable(text[:limit]).split())
    if line.isprintable():
        return line
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)[:limit]
