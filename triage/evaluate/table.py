"""The figures as a table of text."""

from collections.abc import Iterator, Mapping

from triage.domain.model import Topic
from triage.evaluate.contrast import CELLS
from triage.evaluate.figures import Figures
from triage.evaluate.run import Times


def table(found: Figures, times: Times | None) -> Iterator[str]:
    """Yield the lines of the figures: first of each topic, then of all."""
    yield f"{'topic':22} {'n':>4} {'precision':>9} {'recall':>7}  F1 (95 % interval)      slope"
    for one in found.topics:
        slope = f"{one.slope:.2f}" if one.slope is not None else "-"
        shares = f"{one.precision:9.3f} {one.recall:7.3f}"
        yield f"{one.topic.value:22} {one.positives:4} {shares}  {one.f1}  {slope}"
    yield ""
    yield f"messages                                   {found.messages}"
    yield f"macro-F1                                   {found.macro}"
    yield f"micro-F1                                   {found.micro}"
    yield f"all topics of a message right              {found.exact}"
    yield f"safeguarding found                         {found.safeguarding_recall}"
    yield f"present danger paged                       {found.immediate_recall}"
    yield f"others' messages paged                     {found.immediate_among_others}"
    yield f"routine messages to the safeguarding lead  {found.review_among_routine}"
    yield f"no topic, and yet a topic reply            {found.topic_reply_to_routine}"
    yield f"kind of sender right                       {found.senders}"
    if found.flags_a_day is not None:
        yield f"flags of heads of year on a school day     {found.flags_a_day:.1f}"
    if times is not None:
        yield f"processor, a person's message, median      {times.people:.1f} ms"
        yield f"processor, a machine's message, median     {times.machines:.2f} ms"


def contrast_table(found: Mapping[tuple[Topic, str], tuple[int, int]]) -> Iterator[str]:
    """Yield the share of cases told rightly, a line a topic and a column a cell, and of all at the foot."""
    yield f"{'topic':22} " + " ".join(f"{cell:>12}" for cell in CELLS)
    topics = sorted({topic for topic, _ in found}, key=list(Topic).index)
    for topic in topics:
        yield f"{topic.value:22} " + " ".join(_cell(found, [topic], cell) for cell in CELLS)
    yield f"{'all':22} " + " ".join(_cell(found, topics, cell) for cell in CELLS)


def _cell(found: Mapping[tuple[Topic, str], tuple[int, int]], topics: list[Topic], cell: str) -> str:
    right = sum(found.get((topic, cell), (0, 0))[0] for topic in topics)
    asked = sum(found.get((topic, cell), (0, 0))[1] for topic in topics)
    return f"{right / asked:12.2f}" if asked else f"{'-':>12}"
