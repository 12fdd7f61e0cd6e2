"""The HTML of a message made safe to look at, at the moment when somebody asks for it.

What comes out is nh3's: text and a few plain tags, no attribute that loads, leads or styles. It is put into
``srcdoc`` of a frame with an empty ``sandbox``, so that it has no origin, no script, no form and no way out,
and it inherits the policy of the page around it, which lets nothing be loaded. A route of its own would need
that policy relaxed (frame-src, frame-ancestors), and could be opened without the frame.
"""

import html
import re
from collections import Counter

import nh3

MOST_OPEN = 500
"""Elements inside one another: browsers stop near there, and to read more costs the square of it."""

TOO_DEEP = "This message is built too deep to be laid out safely. Its text is on the page of the case."

_TEXT = frozenset(
    """
    abbr b bdi bdo big blockquote br caption center cite code dd del dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i
    ins kbd li ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var
    """.split()  # noqa: SIM905 - words
)
_NOT_TEXT = frozenset({"math", "noscript", "object", "script", "style", "svg", "template", "title"})
_CLOSED_BY_THEMSELVES = frozenset(
    """
    area base br col dd dt embed hr img input li link meta option p param source tbody td tfoot th thead tr
    track wbr
    """.split()  # noqa: SIM905 - words
)
_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,30})")
_LINK = re.compile(r'<a href="([^"]*)">(.*?)</a>', re.DOTALL)
_PICTURE = re.compile(r'<img alt="([^"]*)">')
_LONGEST_TARGET = 300
_PAGE = (
    '<!doctype html><html lang="und"><head><meta charset="utf-8">'
    '<meta name="color-scheme" content="light dark"><title>The message as it was laid out</title></head>'
    '<body dir="auto"><font face="system-ui, sans-serif">{}</font></body></html>'
)


def framed(source: str) -> str:
    """Return a whole document for ``srcdoc`` of a sandboxed frame. Why not, where it cannot be shown.

    What is returned is plain text to a template, which escapes it as the value of that attribute.
    """
    return _PAGE.format(safe_html(source) if _can_be_read(source) else html.escape(TOO_DEEP))


def safe_html(source: str) -> str:
    """Return HTML of which nothing loads, leads away, runs or styles; targets of links stand as text.

    The last word is nh3's: what is written beside links and for pictures is cleaned once more with the rest.
    """
    with_targets = nh3.clean(
        source,
        tags={*_TEXT, "a", "img"},
        clean_content_tags=set(_NOT_TEXT),
        attributes={"a": {"href"}, "img": {"alt"}, "*": {"dir"}},
        url_schemes=set(_SCHEMES),
        link_rel=None,
    )
    shown = _PICTURE.sub(_as_text, _LINK.sub(_with_target, with_targets))
    return nh3.clean(
        shown, tags=set(_TEXT), clean_content_tags=set(_NOT_TEXT), attributes={"*": {"dir"}}, link_rel=None
    )


def _with_target(link: re.Match[str]) -> str:
    target, words = link[1], link[2]
    if words.strip() == target:
        return words
    shown = target if len(target) <= _LONGEST_TARGET else f"{target[:_LONGEST_TARGET]}..."
    return f'{words} <bdi dir="ltr">[leads to {shown}]</bdi>'


def _as_text(picture: re.Match[str]) -> str:
    return f"<bdi>[picture: {picture[1]}]</bdi>" if picture[1].strip() else ""


def _can_be_read(source: str) -> bool:
    """Tell whether nowhere more than ``MOST_OPEN`` elements are open. Counts each name by itself.

    An end tag of another name closes nothing: a browser that passes it over must not be costlier than this.
    """
    standing: Counter[str] = Counter()
    total = 0
    for slash, written in _TAG.findall(source):
        name = written.lower()
        if name in _CLOSED_BY_THEMSELVES:
            continue
        if not slash:
            standing[name] += 1
            total += 1
        elif standing[name]:
            standing[name] -= 1
            total -= 1
        if total > MOST_OPEN:
            return False
    return True
