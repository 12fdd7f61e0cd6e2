"""What a sender wrote, beside three libraries, on the messages of tests/own_text.

    make own-text

Exact: the same text, whatever the blanks and line ends. Lost: words of the writer's own, or of what they
forward as the point, that are not there. Let through: words of a quotation, of its heading or of a signature
that are. What was lost counts most: nobody at the school would act on it. The libraries read text; of HTML
they get the text that this program makes of it, with quotations marked, but quotequail, which reads HTML
itself.
"""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Final

import quotequail
from email_reply_parser import EmailReplyParser as Zapier
from mailparser_reply import EmailReplyParser as MailParser
from mailparser_reply.constants import MAIL_LANGUAGES

from tests.own_text.shapes import HERE, Score, Shape, score, shapes
from triage.message.html import html_to_text

_MAIL_PARSER = MailParser(languages=list(MAIL_LANGUAGES))


def main() -> None:
    """Print the tables: all messages, those that were held back, and each client."""
    first, later = shapes(), shapes(HERE / "later")
    results = {
        name: [(shape, score(shape, read(shape))) for shape in (*first, *later)]
        for name, read in READERS.items()
    }
    _print("all", results)
    _print("of them written after the rules", {name: each[len(first) :] for name, each in results.items()})
    for client in sorted({shape.client for shape in (*first, *later)}):
        _print(
            client, {name: [each for each in of if each[0].client == client] for name, of in results.items()}
        )


def ours(shape: Shape) -> str:
    """Read a message as the program does."""
    return shape.message().own_text


def mail_parser_reply(shape: Shape) -> str:
    """Read it by mail-parser-reply, which leaves signatures out, in all its languages."""
    return _MAIL_PARSER.read(_text(shape)).replies[0].body


def mail_parser_reply_signed(shape: Shape) -> str:
    """Read it by mail-parser-reply with signatures."""
    return _MAIL_PARSER.parse_reply(_text(shape)) or ""


def email_reply_parser(shape: Shape) -> str:
    """Read it by email-reply-parser."""
    return Zapier.parse_reply(_text(shape))


def quotequail_(shape: Shape) -> str:
    """Read it by quotequail: what stands above and below a quotation, and what is forwarded."""
    if shape.is_html:
        found = quotequail.unwrap_html(shape.body)
        return "\n".join(html_to_text(part) for part in _parts(found, "html", shape.body))
    return "\n".join(_parts(quotequail.unwrap(shape.body), "text", shape.body))


def everything(shape: Shape) -> str:
    """Leave nothing out."""
    return _text(shape)


READERS: Final[dict[str, Callable[[Shape], str]]] = {
    "triage": ours,
    "mail-parser-reply": mail_parser_reply,
    "the same, with signatures": mail_parser_reply_signed,
    "email-reply-parser": email_reply_parser,
    "quotequail": quotequail_,
    "nothing left out": everything,
}


def _parts(found: dict[str, str] | None, name: str, whole: str) -> Iterable[str]:
    if found is None:
        return [whole]
    kinds = [f"{name}_top", *([name] if found["type"] == "forward" else []), f"{name}_bottom"]
    return [found[kind] for kind in kinds if kind in found]


def _text(shape: Shape) -> str:
    return html_to_text(shape.body) if shape.is_html else shape.body


def _print(title: str, results: dict[str, Sequence[tuple[Shape, Score]]]) -> None:
    scores = {name: [each for _, each in of] for name, of in results.items()}
    print(f"\n{title}: {len(scores['triage'])} messages")
    print(f"{'':27}{'exact':>7}{'messages with loss':>20}{'words lost':>12}{'let through':>13}")
    for name, of in scores.items():
        lost, through = (sum(map(attrgetter(what), of)) for what in ("lost", "let_through"))
        short = sum(each.lost > 0 for each in of)
        print(f"{name:27}{sum(each.exact for each in of):7}{short:20}{lost:12}{through:13}")


if __name__ == "__main__":
    main()
