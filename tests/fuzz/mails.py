"""Messages that nobody would write: broken anywhere, piled up, spliced, or a letter with odd headers."""

from hypothesis import strategies as st

from tests.unit.message.test_hostile_mail import (
    BROKEN,
    CHARSETS,
    ENCODINGS,
    NAMES,
    PARAMETERS,
    TYPES,
    broken_mail,
    encoded,
    values,
)

MARK = "zqx"
"""Stands in most of what is made, and must stand in no reply."""

WORDS = [
    "Jake won't be in school tomorrow, he has a cold.",
    "He says that he wants to kill himself tonight.",
    "I want to complain about the head teacher.",
    "My wife writes:\n> he is off sick\n\nOn Monday A. Reed wrote:\n> > more",
    "See attached",
    "<p>Dear school,</p><table><tr><td>Jake<td>8B</table><blockquote type=cite>before",
    "",
    "Mein Sohn kommt morgen nicht in die Schule.",
    "\u202egnihton\u202c \u200b k1ll \U0001f600 e\u0301",
    "BEGIN:VCALENDAR\nSUMMARY:Meeting\nEND:VCALENDAR",
]
FIELDS = [
    *NAMES,
    "Auto-Submitted",
    "Precedence",
    "List-Id",
    "Sender",
    "X-Auto-Response-Suppress",
    "Delivered-To",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Content-Language",
    "MIME-Version",
    "X-Spam-Flag",
    "Disposition-Notification-To",
]
ODD = [
    *BROKEN,
    f"{MARK}@parent.example",
    f'"{MARK}\\" <a@b>" <anna@parent.example>',
    "anna@parent.example, " * 3,
    f"<{MARK}@home.example>",
    f"<{MARK}\u00e9@home.example>",
    "=?utf-8?b?8J+YgA==?=",
    "=?iso-2022-jp?b?GyRCJEg=?= =?iso-2022-jp?b?JEYbKEI=?=",
    "auto-replied",
    "xn--80ak6aa92e.example",
    "a" * 300 + "@parent.example",
    "Fwd: Re: AW: ",
    "dmarc=fail header.from=",
]
PILED = [
    "a@b.example, ",
    "(",
    "((a)",
    '"',
    "\\",
    "=?utf-8?q?a?= ",
    "=?a?q?",
    "<a@b> ",
    "a:b;",
    "\n a",
    ";a*0*=b",
    "Jake ",
    "> ",
    "<div>",
    "<a href='",
    "&#x41;",
    "_",
    "On Monday a wrote:\n",
    "From: a\n",
    "not ",
    "8B. ",
    "k i l l ",
    "https://a.example/",
    "\u0301",
    "'s",
    "x",
]

odd = st.one_of(values, st.sampled_from(ODD).map(encoded))
piled = st.builds(lambda piece, often: encoded(piece * often), st.sampled_from(PILED), st.integers(50, 2_000))
field = st.builds(
    lambda name, value: encoded(name) + b": " + value, st.sampled_from(FIELDS), st.one_of(odd, piled)
)
ids = st.one_of(
    st.just(b"<absent@postbox.example>"),
    st.text(max_size=12).map(lambda text: encoded(f"<{text}@home.example>").replace(b"\n", b"")),
    odd,
    piled,
)
words = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=3).map("\n\n".join).map(encoded),
    st.text(max_size=80).map(encoded),
    st.binary(max_size=80),
    piled,
)
kind = st.builds(
    lambda kind, charset, parameter, encoding: encoded(
        f"Content-Type: {kind}; charset={charset}; {parameter}\nContent-Transfer-Encoding: {encoding}"
    ),
    st.sampled_from(TYPES),
    st.sampled_from(CHARSETS),
    st.sampled_from(PARAMETERS),
    st.sampled_from([*ENCODINGS, "base64; foo", "quoted-printable.", "BASE64 (yes)"]),
)


def _letter(path: bytes, ids: list[bytes], fields: list[bytes], body: bytes) -> bytes:
    fields = [*map(b": ".join, zip([b"Message-ID", b"References"], ids, strict=True)), *fields]
    head = b"Return-Path: <" + path + b">\nAuthentication-Results: mx.oakfield.example; dmarc=pass\n"
    head += b"Received: by mx.oakfield.example; Fri, 23 Oct 2026 21:40:00 +0100\n"
    head += b"From: Rachel <rachel.marlowe@postbox.example>\nTo: j.whitlock@oakfield.example\n"
    return head + b"".join(each + b"\n" for each in fields) + b"\n" + body


def _nested(levels: int, kind: str, body: bytes) -> bytes:
    if kind == "message/rfc822":
        return b"Content-Type: message/rfc822\n\n" * levels + b"\n" + body
    heads = (
        b'Content-Type: %s; boundary="b%d"\n\n--b%d\n' % (kind.encode(), level, level)
        for level in range(levels)
    )
    return b"".join(heads) + b"\n" + body


letter = st.builds(
    _letter,
    st.sampled_from([b"rachel.marlowe@postbox.example"] * 3 + [b"", b"x", b"owner-a@b.example"]),
    st.lists(ids, min_size=2, max_size=2),
    st.lists(st.one_of(field, kind), max_size=5),
    words,
)
nested = st.builds(
    _nested,
    st.integers(1, 400),
    st.sampled_from(["message/rfc822", "multipart/mixed", "multipart/alternative", "multipart/digest"]),
    words,
)


def _spliced(one: bytes, other: bytes, at: int, upto: int, often: int) -> bytes:
    piece = other[min(at, len(other)) : upto] * often
    middle = at % (len(one) + 1)
    return one[:middle] + piece + one[middle:]


whole = st.one_of(letter, broken_mail, nested)
spliced = st.builds(_spliced, whole, whole, st.integers(0, 2_000), st.integers(0, 2_500), st.integers(0, 4))
any_mail = st.one_of(letter, letter, broken_mail, nested, spliced, st.binary(max_size=300))
