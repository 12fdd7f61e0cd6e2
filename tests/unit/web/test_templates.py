"""What holds for every template."""

import re
from pathlib import Path

import pytest

import triage.web

FILES_OF_THEIR_OWN = {"rehearsal_report.html"}
"""What is no page of the site but a file that somebody keeps: it brings its style and its own CSP along."""

TEMPLATES = sorted((Path(triage.web.__file__).parent / "templates").glob("*.html"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_form_that_is_posted_begins_with_the_token(template):
    text = template.read_text(encoding="utf-8")
    beginnings = dict(re.findall(r"{% macro (\w+)\([^)]*\) %}\s*{{ (\w+)\(", text))
    begun_by = re.findall(r'<form method="post"[^>]*>\s*{{ (\w+)\(', text)
    assert len(begun_by) == text.count('<form method="post"')
    assert {beginnings.get(name, name) for name in begun_by} <= {"csrf"}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_style_or_script_of_its_own(template):
    text = template.read_text(encoding="utf-8")
    if template.name in FILES_OF_THEIR_OWN:
        text = text.replace("<style>", "", 1)
    assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=", text)
