"""Text from outside."""


def encodable(text: str) -> str:
    """``text`` with ``?`` in place of each half of a surrogate pair, which can't be stored or sent on.

    JSON can escape such halves by themselves (RFC 8259, section 8.2).
    """
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def one_line(text: str, limit: int) -> str:
    """The beginning of ``text`` as one printable line, which can't forge a line of the log or control a terminal.

    White space becomes single spaces. Other characters that can't be printed, such as escape sequences and marks that
    change the direction of writing, are escaped as in a Python string.

    Args:
        limit: The maximum length of the result, and of what is read of ``text``.
    """
    line = " ".join(encodable(text[:limit]).split())
    if line.isprintable():
        return line
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)[:limit]
