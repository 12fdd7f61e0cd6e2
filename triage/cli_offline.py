"""The commands that judge without a service: classify, explain, rehearse, diff-policy, policy, hours."""

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

import click
from dateutil.parser import ParserError
from dateutil.parser import parse as parse_moment

from triage.bootstrap import desk_of, school_of
from triage.console import printable
from triage.domain.hours import explain_hours
from triage.domain.policy import Policy, parse_policy
from triage.domain.school import Span
from triage.judge import Judgement
from triage.message.wording import Wording
from triage.offline.describe import described, outcome_of
from triage.offline.desk import Desk, NoMessageError
from triage.offline.explain import explained
from triage.offline.files import Source, read_messages
from triage.settings import Settings, load_settings

settings_option = click.option(
    "--settings", "own", type=click.Path(path_type=Path), help="The settings file, also before the command."
)
roster_option = click.option(
    "--roster", type=click.Path(path_type=Path, exists=True), help="A roster file; without it there is none."
)
paths_argument = click.argument("paths", nargs=-1, required=True)


@click.command()
@settings_option
@roster_option
@click.option("--with-text", is_flag=True, help="Add the sender's address, the subject and the text.")
@click.option(
    "--format", "style", type=click.Choice(["json"]), default="json", show_default=True, help="There is one."
)
@paths_argument
@click.pass_obj
def classify(
    path: Path | None,
    own: Path | None,
    roster: Path | None,
    paths: tuple[str, ...],
    style: str,
    *,
    with_text: bool,
) -> None:
    """Judge messages from files.

    One JSON object a line; no network and no database is used. PATH is a message, an mbox, a folder of them,
    or - for standard input. What is no message gives an object with "error"; the rest go on, and the exit
    code is 1.
    """
    del style  # there is one; the option keeps scripts right when there will be another
    settings = load_settings(own or path, os.environ)
    desk = desk_of(settings, roster)
    failed = False
    for source in read_messages(paths):
        shown = _described(desk, source, with_text=with_text)
        failed = failed or "error" in shown
        click.echo(json.dumps(shown, ensure_ascii=False))
    sys.exit(1 if failed else 0)


@click.command()
@settings_option
@roster_option
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_obj
def explain(path: Path | None, own: Path | None, roster: Path | None, file: Path) -> None:
    """Say what would be done about a message.

    In words, with every rule that was asked. FILE holds the message.
    """
    desk = desk_of(load_settings(own or path, os.environ), roster)
    for line in explained(_judged(desk, file)):
        click.echo(printable(line))


@click.command()
@settings_option
@roster_option
@paths_argument
@click.pass_obj
def rehearse(path: Path | None, own: Path | None, roster: Path | None, paths: tuple[str, ...]) -> None:
    """Count what would be answered and flagged.

    PATH is as for triage classify. Nothing is sent or kept.
    """
    desk = desk_of(load_settings(own or path, os.environ), roster)
    counts: Counter[tuple[str, str]] = Counter()
    for judged in _all_judged(desk, paths):
        counts.update(_counted(judged))
    for (kind, name), number in sorted(counts.items(), key=lambda item: (item[0][0], -item[1], item[0][1])):
        click.echo(f"{kind}\t{name}\t{number}")


@click.command("diff-policy")
@settings_option
@roster_option
@click.argument("old", type=click.Path(path_type=Path, exists=True))
@click.argument("new", type=click.Path(path_type=Path, exists=True))
@paths_argument
@click.pass_obj
def diff_policy(
    path: Path | None, own: Path | None, roster: Path | None, *, old: Path, new: Path, paths: tuple[str, ...]
) -> None:
    """Compare two policies over messages.

    Shows those that they would treat differently, a JSON object a line.
    """
    settings = load_settings(own or path, os.environ)
    desks = [desk_of(settings.model_copy(update={"policy": file}), roster) for file in (old, new)]
    for source in read_messages(paths):
        if source.raw is None:
            continue
        before, after = (outcome_of(desk.judge(source.raw).decision) for desk in desks)
        if before != after:
            click.echo(json.dumps({"path": source.path, "old": before, "new": after}))


@click.group()
def policy() -> None:
    """Show the school's policy, or check it."""


@policy.command("check")
@settings_option
@click.pass_obj
def check_policy(path: Path | None, own: Path | None) -> None:
    """Read the policy and the wording; a mistake is named by table and key."""
    rules = _policy(load_settings(own or path, os.environ)).rules
    click.echo(f"the policy is good: {len(rules)} topics and outcomes")


@policy.command("show")
@settings_option
@click.pass_obj
def show_policy(path: Path | None, own: Path | None) -> None:
    """Show what follows from each topic and outcome, in order of precedence."""
    for key, rule in _policy(load_settings(own or path, os.environ)).rules.items():
        flag = f"{rule.flag.route.value}, {rule.flag.severity.value}" if rule.flag else "no flag"
        click.echo(f"{key}: reply {rule.reply or 'none'}; {flag}. {rule.clause}")


@click.command()
@settings_option
@click.option(
    "--on", "when", required=True, help='A moment such as "2026-10-23 21:40", in the school\'s zone.'
)
@click.option("--staff", metavar="ADDRESS", help="Also by the own hours of this member of staff.")
@click.pass_obj
def hours(path: Path | None, own: Path | None, when: str, staff: str | None) -> None:
    """Say whether the school is open.

    With the reason, and when it opens next.
    """
    settings = load_settings(own or path, os.environ)
    school = school_of(settings)
    moment = _moment(when, settings)
    for line in explain_hours(moment, school.calendar, _own_hours(settings, staff)):
        click.echo(line)


COMMANDS = (classify, explain, rehearse, diff_policy, policy, hours)


def _described(desk: Desk, source: Source, *, with_text: bool) -> dict[str, object]:
    if source.raw is None:
        return {"path": source.path, "error": source.error}
    try:
        judged = desk.judge(source.raw)
    except NoMessageError as error:
        return {"path": source.path, "error": str(error)}
    return dict(described(source.path, judged, desk.school.calendar.zone, with_text=with_text))


def _judged(desk: Desk, file: Path) -> Judgement:
    try:
        return desk.judge(file.read_bytes())
    except NoMessageError as error:
        raise click.ClickException(f"{file}: {error}") from error


def _all_judged(desk: Desk, paths: tuple[str, ...]) -> Iterator[Judgement]:
    for source in read_messages(paths):
        try:
            if source.raw is not None:
                yield desk.judge(source.raw)
        except NoMessageError as error:
            click.echo(f"{source.path}: {error}", err=True)


def _counted(judged: Judgement) -> Iterator[tuple[str, str]]:
    decision = judged.decision
    yield "sender", judged.identity.sender.value
    yield from (("topic", topic.value) for topic in decision.topics or ())
    if not decision.topics:
        yield "topic", "routine"
    yield from (("flag", f"{flag.route.value}, {flag.severity.value}") for flag in decision.flags)
    yield "reply", "sent" if decision.reply.send else decision.reply.withheld or "nothing to say"


def _policy(settings: Settings) -> Policy:
    wording = Wording(settings.templates_folder)
    return parse_policy(settings.policy_file.read_text(encoding="utf-8"), wording.parts)


def _moment(when: str, settings: Settings) -> datetime:
    try:
        moment: datetime = parse_moment(when)
    except (ParserError, OverflowError) as error:
        words = "this is no moment: write it as 2026-10-23 21:40"
        raise click.BadParameter(words, param_hint="--on") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=settings.school.timezone)


def _own_hours(settings: Settings, staff: str | None) -> Mapping[int, tuple[Span, ...]] | None:
    if staff is None:
        return None
    for mailbox in settings.mailboxes:
        if mailbox.address.lower() == staff.lower():
            return mailbox.own_week()
    raise click.BadParameter(f"the settings name no mailbox {staff}", param_hint="--staff")
