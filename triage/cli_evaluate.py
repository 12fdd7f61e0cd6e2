"""The commands about the classifier itself: how well it reads, and what it was made of."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from triage.bootstrap import desk_of, trained
from triage.classify.classifier import Classifier
from triage.domain.model import Classification, Topic
from triage.evaluate.contrast import cases, passed
from triage.evaluate.corpus import ROSTER, SETTINGS, CorpusError, examples, hands, lines
from triage.evaluate.figures import as_document, figures
from triage.evaluate.report import report
from triage.evaluate.run import Recorded, scored, timed, with_classifier
from triage.evaluate.table import contrast_table, table
from triage.settings import load_settings

_WEEK = "weeks"
_CONTRAST = "contrast"


@click.command()
@click.argument("corpus", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--hand", "only", multiple=True, help="Only the messages of this hand; may be given again.")
@click.option(
    "--scores",
    type=click.Path(path_type=Path, exists=True),
    help="Scores that were kept, instead of new ones.",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="A table, or one JSON object.",
)
@click.option("--html", type=click.Path(path_type=Path), help="Write a report with plots to this file too.")
def evaluate(corpus: Path, only: tuple[str, ...], scores: Path | None, style: str, html: Path | None) -> None:
    """Say how well labelled messages are read.

    CORPUS is a folder with a file of messages for each hand, a roster and settings, and perhaps a folder of
    contrast suites. Without --scores the figures are those of messages that the classifier was taught with,
    if it is the corpus of its own teaching: then they say little. With --scores only those messages count
    that have scores.
    """
    settings = load_settings(corpus / SETTINGS, os.environ)
    desk = desk_of(settings, corpus / ROSTER)
    kept = None if scores is None else Recorded(_kept(scores))
    desk = with_classifier(desk, kept or Classifier(trained(), zone=desk.school.calendar.zone))
    read = [
        one
        for one in examples(_chosen(corpus, only), desk.school, desk.roster(), desk.gateway)
        if kept is None or one.message.message_id in kept.said
    ]
    if not read:
        raise click.ClickException(f"{corpus} holds no message{' that has scores' if scores else ''}")
    found = list(scored(read, desk))
    times = timed(read, desk.classify) if scores is None else None
    told = figures(found, week=_WEEK)
    suites = list(cases(corpus / _CONTRAST)) if scores is None and (corpus / _CONTRAST).is_dir() else []
    edges = passed(suites, desk.classify, desk.school, desk.roster(), desk.gateway)
    if html is not None:
        html.write_text(report(told, found, edges), encoding="utf-8")
    if style == "json":
        contrast = {f"{topic}/{cell}": list(counts) for (topic, cell), counts in edges.items()}
        click.echo(json.dumps({**as_document(told), "contrast": contrast}))
        return
    for line in (*table(told, times), "", *(contrast_table(edges) if edges else ())):
        click.echo(line)


@click.group()
def model() -> None:
    """Tell about the trained classifier."""


@model.command()
def info() -> None:
    """Print the card: what the classifier was made of and how well it reads."""
    card = {key: value for key, value in trained().card.items() if key not in {"people", "machines"}}
    click.echo(json.dumps(card, ensure_ascii=False, indent=1))


def _chosen(corpus: Path, only: tuple[str, ...]) -> list[Path]:
    files = hands(corpus)
    unknown = sorted(set(only) - {file.stem for file in files})
    if unknown:
        raise click.ClickException(f"{corpus} has no hand {', '.join(unknown)}")
    return [file for file in files if not only or file.stem in only]


def _kept(path: Path) -> dict[str, Classification]:
    kept = {}
    for number, line in lines(path):
        try:
            row = json.loads(line)
            kept[row["message_id"]] = _classification(row)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CorpusError(f"{path.name}, line {number}: {error!r}") from error
    return kept


def _classification(row: Mapping[str, Any]) -> Classification:
    return Classification(
        text=row["text"],
        scores={Topic(topic): score for topic, score in row["scores"].items()},
        thresholds={Topic(topic): score for topic, score in row["thresholds"].items()},
        immediate=row["immediate"],
        phrase_floor=row["phrase_floor"],
        uncertain=row["uncertain"],
    )
