"""``triage policy``: what follows from each topic, and whether policy and words can be used."""

import os
from pathlib import Path

import click

from triage.bootstrap import policy_of, stationery_of
from triage.cli_options import settings_option
from triage.console import printable
from triage.message.wording_lint import lint
from triage.settings import load_settings


@click.group()
def policy() -> None:
    """Show the school's policy, or check it."""


@policy.command("check")
@settings_option
@click.pass_obj
def check_policy(path: Path | None, own: Path | None) -> None:
    """Read the policy, and say every reply that it can make, in every language.

    A mistake in the policy is named by table and key, one in the words by template and line.
    """
    settings = load_settings(own or path, os.environ)
    paper, rules = stationery_of(settings), policy_of(settings)
    click.echo(f"the policy is good: {len(rules.rules)} topics and outcomes")
    tried = lint(paper.wording, rules, paper.situations())
    for fault in tried.faults:
        click.echo(printable(str(fault)))
    if tried.faults:
        raise click.ClickException(f"something is wrong with the words in {len(tried.faults)} places")
    click.echo(f"the words are good: {tried.replies} replies in {len(tried.languages)} languages")


@policy.command("show")
@settings_option
@click.pass_obj
def show_policy(path: Path | None, own: Path | None) -> None:
    """Show what follows from each topic and outcome, in order of precedence."""
    for key, rule in policy_of(load_settings(own or path, os.environ)).rules.items():
        flag = f"{rule.flag.route.value}, {rule.flag.severity.value}" if rule.flag else "no flag"
        click.echo(f"{key}: reply {rule.reply or 'none'}; {flag}. {rule.clause}")
