"""The text of attachments: no part of the letter, but read for the safeguarding floor, within bounds."""

import re

LONGEST = 256 * 1024  # characters of one attachment
MOST = 1024 * 1024  # of all attachments of a message
_HTML = frozenset({"text/html", "text/x-amp-html", "text/enriched", "text/richtext"})
_CALENDARS = frozenset({"text/calendar", "application/ics", "text/vcard", "text/x-vcard"})
_HTML_NAMES = (".htm", ".html")
_CALENDAR_NAMES = (".ics", ".vcf")
_PLAIN_NAMES = (".txt", ".md", ".csv", ".log")
_FOLD = re.compile(r"\n[ \t]")
_ESCAPE = re.compile(r"\\([nN,;\\])")


def is_text(kind: str, name: str) -> bool:
    """Tell whether an attachment can be read as text: by its type, or by its name where that says nothing."""
    if kind == "application/octet-stream":
        return name.lower().endswith((*_HTML_NAMES, *_CALENDAR_NAMES, *_PLAIN_NAMES))
    return kind.startswith("text/") or kind in _CALENDARS


def is_html(kind: str, name: str = "") -> bool:
    """Tell whether a text has tags: HTML, and the older and newer types that look like it."""
    return kind in _HTML or (kind == "application/octet-stream" and name.lower().endswith(_HTML_NAMES))


def is_calendar(kind: str, name: str) -> bool:
    """Tell whether a text is an event or a visiting card, whose lines are folded (RFC 5545, RFC 6350)."""
    return kind in _CALENDARS or name.lower().endswith(_CALENDAR_NAMES)


def calendar_text(text: str) -> str:
    """Return a calendar's lines whole and its signs unescaped: folds cut words (RFC 5545 3.1, 3.3.11)."""
    return _ESCAPE.sub(_escaped, _FOLD.sub("", text))


def _escaped(match: re.Match[str]) -> str:
    return "\n" if match[1] in "nN" else match[1]
