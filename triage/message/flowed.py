"""format=flowed: lines that the sender's program has broken are joined again (RFC 3676)."""

_SIGNATURE = "-- "


def unflowed(text: str, *, delsp: bool = False) -> str:
    """Return flowed text with each paragraph in one line; quoted lines begin with their marks and a space.

    ``delsp`` is the parameter DelSp: the space that marks a soft end is then no part of the text. A line
    that says it goes on, before one of another depth of quotation, is taken as ended (section 4.5); so is
    one before a blank line, where strictly the blank line would be lost, and the paragraph with it.
    """
    lines: list[str] = []
    begun: list[str] = []
    depth = 0
    for line in text.split("\n"):
        content = line.lstrip(">")
        marks = len(line) - len(content)
        content = content.removeprefix(" ")  # section 4.4: stuffed
        apart = content in {"", _SIGNATURE}
        if begun and (marks != depth or apart):
            lines.append(_whole(depth, begun, delsp=False))
            begun = []
        depth = marks
        begun.append(content)
        if apart or not content.endswith(" "):
            lines.append(_whole(depth, begun, delsp=delsp))
            begun = []
    return "\n".join([*lines, _whole(depth, begun, delsp=False)] if begun else lines)


def _whole(depth: int, pieces: list[str], *, delsp: bool) -> str:
    *soft, last = pieces
    content = "".join([*(piece[:-1] for piece in soft), last] if delsp else pieces)
    return f"{'>' * depth} {content}" if depth and content else f"{'>' * depth}{content}"
