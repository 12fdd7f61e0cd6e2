"""HTML to text, by inscriptis where it is safe.

Measured: inscriptis pads every cell of a table column to its widest line (500 KB of HTML can become
gigabytes) and obeys padding styles; libxml2 below it drops all text below some 2,000 levels without a
word, ends at a lone surrogate and is quadratic in the attributes of one tag. So tags reach it without
attributes, tables are read row by row, and HTML of more than 100 levels goes the plain way.
"""

import html as entities
import re

import inscriptis
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.html_properties import Display
from inscriptis.model.config import ParserConfig
from inscriptis.model.html_element import HtmlElement
from inscriptis.model.tag import CustomHtmlTagHandlerMapping

from triage.message.characters import clean_text
from triage.message.containers import CLOSE, MARKS, OPEN, PEEK, RULE, SIGNATURE, SIGNED, Kind, kind_of
from triage.message.quotation import OUTLOOKS_RULE

_DEEPEST = 100
_LONGEST = 1_000_000  # over it the plain way, which needs less memory
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})([^<>]*)>?")
_EMPTY = frozenset(
    "area base br col embed hr img input link meta param source track wbr".split()  # noqa: SIM905 - words
)
_UNSEEN = frozenset({"head", "script", "style", "title"})
_ROWS = frozenset(
    "address article blockquote br div dd dt h1 h2 h3 h4 h5 h6 hr li ol p pre table tr ul".split()  # noqa: SIM905 - words
)
_ENTITY_OF_MANY_DIGITS = re.compile(r"&#[xX]?[0-9a-fA-F]{9,};?")
_BLANK_LINES = re.compile(r"\n{3,}")
_BEFORE = {Kind.QUOTED: OPEN, Kind.RULED: f"<div>{RULE}</div>", Kind.SIGNED: SIGNATURE}
_AFTER = {Kind.QUOTED: CLOSE, Kind.RULED: "", Kind.SIGNED: SIGNED}
_NO_MARKS = str.maketrans(dict.fromkeys(MARKS))


def html_to_text(html: str) -> str:
    """Return the text of an HTML document, marked as plain text is where a mail program says what it is.

    The lines of a quotation begin with "> ", above Outlook's stands its line, above a signature "--".
    Never raises, linear. Text that a style hides is read too: a style must not hide words from the school.
    """
    source = clean_text(html).translate(_NO_MARKS)
    if len(source) > _LONGEST or _depth(source) > _DEEPEST:
        return _tidy(_plain(_bare(source)))
    try:
        text = inscriptis.get_text(_bare(source), _CONFIG)
    except Exception:  # noqa: BLE001 - whatever a library makes of hostile HTML, its text must be read
        text = _plain(_bare(source))
    return _tidy(text)


def _depth(html: str) -> int:
    depth = deepest = 0
    for match in _TAG.finditer(html):
        if match[2].lower() not in _EMPTY:
            depth = max(0, depth + (-1 if match[1] else 1))
            deepest = max(deepest, depth)
    return deepest


def _bare(html: str) -> str:
    """Return the HTML without attributes, with marks around what is marked as a quotation or a signature."""
    opened: dict[str, list[Kind | None]] = {}

    def bare(match: re.Match[str]) -> str:
        slash, name, attributes = match[1], match[2].lower(), match[3]
        tag = f"<{slash}{name}>"
        if name in _EMPTY:
            return tag
        kinds = opened.setdefault(name, [])
        if not slash:
            following = html[match.end() : match.end() + PEEK] if attributes else ""
            kinds.append(kind_of(name, attributes, following) if attributes else None)
            kind = kinds[-1]
            if kind is Kind.RULED:
                return f"{_BEFORE[kind]}{tag}"
            return f"{tag}{_BEFORE[kind]}" if kind else tag
        kind = kinds.pop() if kinds else None
        return f"{_AFTER[kind]}{tag}" if kind else tag

    return _ENTITY_OF_MANY_DIGITS.sub("\ufffd", _TAG.sub(bare, html))


def _plain(html: str) -> str:
    """Return the text between the tags, a line for each block: no nesting, no layout, one pass."""
    text: list[str] = []
    unseen = ""
    end = 0
    for match in _TAG.finditer(html):
        if not unseen:
            text.append(html[end : match.start()])
        slash, name, end = match[1], match[2].lower(), match.end()
        text.append("\n" if name in _ROWS else "")
        if name in _UNSEEN and not unseen and not slash:
            unseen = name
        elif name == unseen and slash:
            unseen = ""
    text.append(html[end:])
    return entities.unescape(_ENTITY_OF_MANY_DIGITS.sub("\ufffd", "".join(text)))


def _tidy(text: str) -> str:
    lines: list[str] = []
    depth = 0
    signed = _Signed(lines)
    for line in clean_text(text).split("\n"):
        depth += line.count(OPEN)
        kept = line.translate(_NO_MARKS).rstrip()
        if RULE in line:
            kept = (
                "" if OUTLOOKS_RULE in lines[-2:] else OUTLOOKS_RULE
            )  # of containers in each other one line
        if RULE in line or depth:
            signed.end()
        else:
            signed.read(line, kept)
        lines.append(f"> {kept.lstrip()}" if depth else kept)
        depth = max(0, depth - line.count(CLOSE))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")


class _Signed:
    """Puts "--" above a signature, if nothing but quotations follows: else it may be the letter."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._at: int | None = None
        self._open = False

    def end(self) -> None:
        """Take note that a quotation follows: whatever was above it was the signature."""
        self._at = None

    def read(self, line: str, kept: str) -> None:
        """Take note of a line that is not quoted, ``kept`` what is shown of it."""
        if SIGNATURE in line and not line.partition(SIGNATURE)[0].strip():
            self._at, self._open = len(self._lines), True
            self._lines.append("--")
        elif kept and self._at is not None and not self._open:
            self._lines[self._at] = ""
            self._at = None
        if SIGNED in line:
            self._open = False


def _config() -> ParserConfig:
    flat = HtmlElement(display=Display.block)
    css = dict(CSS_PROFILES["strict"])
    css |= {"tr": flat, "table": flat, "ul": flat, "ol": flat, "blockquote": flat}
    css |= {"td": HtmlElement(suffix="  "), "th": HtmlElement(suffix="  ")}
    cells = ("table", "tr", "td", "th")
    tables = CustomHtmlTagHandlerMapping(dict.fromkeys(cells), dict.fromkeys(cells))
    return ParserConfig(css=css, custom_html_tag_handler_mapping=tables)


_CONFIG = _config()
