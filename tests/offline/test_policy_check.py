"""``triage policy``: policy and words are tried, and what is wrong is named."""

import re
import shutil

from triage.resources import resource


def test_what_is_shipped_is_good(triage_):
    result = triage_("policy", "check")
    assert result.exit_code == 0, result.stderr
    assert "the policy is good: 27 topics and outcomes" in result.stdout
    assert re.search(r"the words are good: \d{3,} replies in \d+ languages", result.stdout)


def test_a_fault_in_the_words_is_a_line_and_exit_code_1(triage_, tmp_path, monkeypatch):
    shutil.copytree(resource("templates"), tmp_path / "words")
    (tmp_path / "words/replies/en/private.txt").write_text("You must not write about this.", "utf-8")
    monkeypatch.setenv("TRIAGE_TEMPLATES", str(tmp_path / "words"))
    result = triage_("policy", "check")
    assert result.exit_code == 1
    assert "replies/en/private.txt, line 1: 'must not' tells the reader off" in result.stdout
    assert "the words are good" not in result.stdout


def test_a_template_that_cannot_be_read_is_named_with_its_line(triage_, tmp_path, monkeypatch):
    shutil.copytree(resource("templates"), tmp_path / "words")
    (tmp_path / "words/replies/cy/private.txt").write_text("Un\n{% if office %}", "utf-8")
    monkeypatch.setenv("TRIAGE_TEMPLATES", str(tmp_path / "words"))
    assert "replies/cy/private.txt, line 2" in triage_("policy", "check").stderr


def test_show_tells_what_follows(triage_):
    assert "safeguarding: reply none; safeguarding-lead, review." in triage_("policy", "show").stdout
