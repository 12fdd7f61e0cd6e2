"""``triage evaluate`` and ``triage model``: how well the classifier reads, and what it was made of."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from triage import bootstrap
from triage.classify.artefact import CARD, shipped
from triage.cli import main
from triage.domain.model import Topic

CORPUS = Path(__file__).parents[2] / "corpus"
FEW = 12
SHARES = {
    "macro",
    "micro",
    "exact",
    "safeguarding_recall",
    "immediate_recall",
    "immediate_among_others",
    "review_among_routine",
    "topic_reply_to_routine",
    "senders",
}
KEYS = SHARES | {"messages", "flags_a_day", "topics", "contrast"}


@pytest.fixture
def corpus(tmp_path):
    """A few messages of two hands of the corpus, and one case of each contrast suite."""
    folder = tmp_path / "corpus"
    (folder / "contrast").mkdir(parents=True)
    for name in ("settings.toml", "roster.csv"):
        shutil.copy(CORPUS / name, folder)
    for name in ("phones.jsonl", "weeks.jsonl"):
        (folder / name).write_text(_beginning(CORPUS / name, FEW), encoding="utf-8")
    for file in (CORPUS / "contrast").glob("*.jsonl"):
        (folder / "contrast" / file.name).write_text(_beginning(file, 1), encoding="utf-8")
    return folder


def _beginning(file, count):
    with file.open(encoding="utf-8", newline="\n") as lines:
        return "".join(line for line, _ in zip(lines, range(count), strict=False))


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words], env={"COLUMNS": "100"})


def figures(*words):
    """The figures as JSON, which knows no number but real ones."""
    result = run("evaluate", *words, "--format", "json")
    assert (result.exit_code, result.stderr) == (0, "")
    return json.loads(result.stdout, parse_constant=pytest.fail)


def trouble(*words, code=1):
    """The one line on standard error of a command that fails."""
    result = run(*words)
    assert (result.exit_code, result.stdout) == (code, "")
    (line,) = result.stderr.splitlines()
    assert "mistake in the program" not in line
    return line


def kept(folder, *ids):
    """Write a file of scores as they are kept: of each message that it is safeguarding."""
    rows = [
        {
            "message_id": one,
            "text": "",
            "scores": {"safeguarding": 0.9},
            "thresholds": {},
            "immediate": False,
            "phrase_floor": False,
            "uncertain": None,
        }
        for one in ids
    ]
    file = folder / "scores.txt"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return file


def message_ids(corpus, hand):
    rows = map(json.loads, (corpus / f"{hand}.jsonl").read_text(encoding="utf-8").splitlines())
    return [f"<{row['id']}@{row['from_addr'].rpartition('@')[2]}>" for row in rows]


# the figures


def test_the_figures_of_a_hand_have_the_keys_of_the_contract(corpus):
    assert figures(corpus, "--hand", "phones").keys() == KEYS


def test_a_share_has_its_value_and_its_interval(corpus):
    found = figures(corpus, "--hand", "phones")
    assert all(found[name].keys() == {"value", "low", "high"} for name in SHARES)


def test_every_topic_has_its_figures(corpus):
    topics = figures(corpus, "--hand", "phones")["topics"]
    assert list(topics) == [topic.value for topic in Topic]
    assert topics["absence"].keys() == {"positives", "precision", "recall", "f1", "slope"}


def test_only_the_messages_of_the_hand_count(corpus):
    assert figures(corpus, "--hand", "phones")["messages"] == FEW


def test_several_hands_may_be_named(corpus):
    assert figures(corpus, "--hand", "phones", "--hand", "weeks")["messages"] == 2 * FEW


def test_without_a_hand_all_messages_count(corpus):
    assert figures(corpus)["messages"] == 2 * FEW


def test_flags_a_day_are_told_of_the_hand_that_wrote_whole_weeks(corpus):
    assert (figures(corpus)["flags_a_day"] is None, figures(corpus, "--hand", "phones")["flags_a_day"]) == (
        False,
        None,
    )


def test_each_contrast_suite_is_counted_by_cell(corpus):
    counts = figures(corpus, "--hand", "phones")["contrast"]
    assert {key.partition("/")[0] for key in counts} <= {topic.value for topic in Topic}
    assert sum(asked for _, asked in counts.values()) == len(list((corpus / "contrast").iterdir()))


def test_a_corpus_without_contrast_suites_has_figures_all_the_same(corpus):
    shutil.rmtree(corpus / "contrast")
    assert figures(corpus, "--hand", "phones")["contrast"] == {}


def test_as_text_every_topic_has_a_line(corpus):
    said = run("evaluate", corpus, "--hand", "phones").stdout
    assert not [topic for topic in Topic if f"\n{topic.value} " not in said]


def test_as_text_the_time_of_the_processor_is_told(corpus):
    assert "processor, a person's message, median" in run("evaluate", corpus, "--hand", "phones").stdout


def test_a_report_is_written_where_it_is_wanted(corpus, tmp_path):
    page = tmp_path / "report.html"
    assert run("evaluate", corpus, "--hand", "phones", "--html", page).exit_code == 0
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


# scores that were kept


def test_scores_that_were_kept_are_taken_instead_of_new_ones(corpus):
    file = kept(corpus, *message_ids(corpus, "phones"))
    safeguarding = figures(corpus, "--scores", file)["topics"]["safeguarding"]
    assert safeguarding["recall"] == (1 if safeguarding["positives"] else 0)


def test_only_messages_with_scores_count(corpus):
    assert figures(corpus, "--scores", kept(corpus, *message_ids(corpus, "phones")[:5]))["messages"] == 5


def test_contrast_suites_are_not_read_by_scores_that_were_kept(corpus):
    assert figures(corpus, "--scores", kept(corpus, *message_ids(corpus, "phones")))["contrast"] == {}


def test_scores_of_no_message_of_the_corpus_are_told(corpus):
    assert "no message that has scores" in trouble(
        "evaluate", corpus, "--scores", kept(corpus, "<x@y.example>")
    )


@pytest.mark.parametrize("line", ["{", "[]", "{}"])
def test_a_line_that_is_no_score_is_named(corpus, line):
    file = kept(corpus)
    file.write_text(f"{line}\n")
    assert "scores.txt, line 1: " in trouble("evaluate", corpus, "--scores", file)


# trouble


def test_a_hand_that_is_not_there_is_told(corpus):
    assert "no hand feet" in trouble("evaluate", corpus, "--hand", "phones", "--hand", "feet")


def test_a_corpus_without_messages_is_told(corpus):
    for file in corpus.glob("*.jsonl"):
        file.unlink()
    assert "no message" in trouble("evaluate", corpus)


@pytest.mark.parametrize("name", ["phones.jsonl", "contrast/absence.jsonl"])
def test_a_line_that_is_no_message_is_named(corpus, name):
    with (corpus / name).open("a", encoding="utf-8") as file:
        file.write("[]\n")
    number = len((corpus / name).read_text(encoding="utf-8").splitlines())
    assert f"{Path(name).name}, line {number}: " in trouble("evaluate", corpus)


def test_a_corpus_without_settings_is_told(corpus):
    (corpus / "settings.toml").unlink()
    assert "settings.toml" in trouble("evaluate", corpus, code=2)


def test_a_corpus_without_a_roster_is_told(corpus):
    (corpus / "roster.csv").unlink()
    assert "roster.csv" in trouble("evaluate", corpus)


def test_a_folder_that_is_not_there_is_a_wrong_word(tmp_path):
    result = run("evaluate", tmp_path / "gone")
    assert (result.exit_code, "gone" in result.stderr) == (2, True)


# the card


@pytest.fixture
def card():
    return json.loads((shipped() / CARD).read_text(encoding="utf-8"))


def test_the_card_is_printed_as_json(card):
    printed = json.loads(run("model", "info").stdout)
    assert printed == {key: value for key, value in card.items() if key not in {"people", "machines"}}


def test_of_the_card_the_weights_are_not_printed():
    assert "weights" not in run("model", "info").stdout


# files that cannot be used


@pytest.fixture
def artefact(tmp_path, monkeypatch):
    """The trained files of the program, each by a link that a test may take away."""
    folder = tmp_path / "artefact"
    folder.mkdir()
    for file in shipped().iterdir():
        (folder / file.name).symlink_to(file)
    monkeypatch.setattr(bootstrap, "shipped", lambda: folder)
    bootstrap.trained.cache_clear()
    yield folder
    bootstrap.trained.cache_clear()


@pytest.mark.parametrize("name", [CARD, "network.onnx", "words.onnx", "vocabulary.txt", "golden.json"])
def test_a_missing_file_of_the_classifier_is_one_line_that_names_it(artefact, name):
    (artefact / name).unlink()
    assert name in trouble("model", "info")


def test_a_changed_file_of_the_classifier_is_one_line_that_names_it(artefact):
    (artefact / "vocabulary.txt").unlink()
    (artefact / "vocabulary.txt").write_text("[UNK]\n")
    assert "vocabulary.txt" in trouble("model", "info")


def test_nothing_is_evaluated_without_the_files_of_the_classifier(artefact, corpus):
    (artefact / "network.onnx").unlink()
    assert "Install the program again" in trouble("evaluate", corpus)
