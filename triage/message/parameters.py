"""Parameters of content headers (RFC 2045 section 5.1, RFC 2231): each is read for itself.

``email`` gives up every parameter of a field, a group's boundary too, when one of them is broken, and it
decodes by whatever codec of Python's a stranger names. Here a broken parameter costs no other.
"""

import re
from collections.abc import Iterator, Mapping
from email.utils import unquote
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from triage.message.characters import clean_line, decode

_PIECES = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[^;"]+|;', re.DOTALL)
_NAMED = re.compile(r"\s*([^\s=*]+)(?:\*([0-9]{1,9}))?(\*)?\s*=(.*)", re.DOTALL)


class _Value(NamedTuple):
    text: str
    encoded: bool  # by percent signs


def parameter(value: str, name: str) -> str:
    """Return a parameter of a header's ``value`` as one line, "" when it has none. Linear, never raises.

    ``name`` is in lower case. A plain parameter goes before one in RFC 2231's form. Pieces are joined by
    their numbers; of two with one number the first counts. An unknown character set is guessed at.
    """
    pieces: dict[int, _Value] = {}
    for found in _named(value):
        if found[1].lower() == name:
            place = int(found[2] or 0) if found[2] or found[3] else -1  # the plain one before all
            pieces.setdefault(place, _Value(unquote(found[4].strip()), bool(found[3])))
    plain = pieces.get(-1)
    return clean_line(plain.text if plain else _joined(pieces)).strip()


def _named(value: str) -> Iterator[re.Match[str]]:
    begun: list[str] = []
    for piece in [*_PIECES.findall(value), ";"]:
        if piece != ";":
            begun.append(piece)
            continue
        found = _NAMED.match("".join(begun))
        begun = []
        if found:
            yield found


def _joined(pieces: Mapping[int, _Value]) -> str:
    values = [pieces[place] for place in sorted(pieces)]
    charset = ""
    if values and values[0].encoded and values[0].text.count("'") > 1:  # charset'language'value
        charset, _, text = values[0].text.split("'", 2)
        values[0] = _Value(text, encoded=True)
    return decode(b"".join(map(_bytes, values)), charset)[0]


def _bytes(value: _Value) -> bytes:
    data = value.text.encode("utf-8", "replace")
    return unquote_to_bytes(data) if value.encoded else data
