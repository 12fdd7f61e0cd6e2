"""``triage alert test``: a test alert by every address of the second channel, and what became of each."""

from tests.servers.ports import LOOPBACK, free_ports


def test_every_address_gets_a_test_that_says_so(triage, hook):
    result = triage("alert", "test", TRIAGE_ALERTS__URLS=hook.url, TRIAGE_ALERTS__ON_CALL_URLS=hook.url)
    assert (result.exit_code, result.output) == (0, "service 1: taken\non-call 1: taken\n")
    assert all("This is a test" in text for text in hook.taken)
    assert len(hook.taken) == 2


def test_one_that_does_not_take_it_is_told_and_the_others_are_tried_all_the_same(triage, hook):
    away = f"json://{LOOPBACK}:{free_ports(1)[0]}/path-secret"
    result = triage("alert", "test", TRIAGE_ALERTS__URLS=f"{away}\n{hook.url}")
    assert result.exit_code == 1
    assert "service 1: the service did not take the alert" in result.output
    assert "service 2: taken" in result.output
    assert "1 of 2 did not take the test alert" in result.stderr
    assert "path-secret" not in result.output


def test_without_a_second_channel_it_says_what_to_set(triage):
    result = triage("alert", "test")
    assert result.exit_code == 1
    assert "set alerts.urls" in result.stderr
