"""Labels at servers that say one thing and do another, and the labels of Gmail."""

import pytest

from tests.contract.test_imap_moving import FETCHED, SELECTED, a_server, ask, said
from triage.mail.imap import MailError

TAKEN = b"TAG OK done\r\n"


def test_a_keyword_that_is_taken_and_shown_is_kept():
    shown = FETCHED.replace(b"FLAGS ()", b"FLAGS (Triage-Absence)")
    with a_server(b"", STORE=TAKEN, FETCH=shown) as server:
        assert ask(server, labels=["triage-absence"])


@pytest.mark.parametrize("answer", [TAKEN, b"TAG NO not that one\r\n", b"TAG BAD what is that\r\n"])
def test_a_keyword_that_is_taken_without_a_word_and_not_kept_or_refused_is_a_no(answer):
    with a_server(b"", STORE=answer) as server:
        assert not ask(server, labels=["triage-absence"])
    assert said(server).count(b"STORE") == 1


def test_a_server_that_keeps_no_keywords_for_good_is_not_asked():
    fixed = SELECTED.replace(b" \\*", b"")
    with a_server(b"", SELECT=fixed, STORE=TAKEN) as server:
        assert not ask(server, labels=["triage-absence"])
    assert b"STORE" not in said(server)


def test_where_keywords_are_refused_the_message_is_moved_all_the_same():
    with a_server(
        b"MOVE", STORE=b"TAG NO not that one\r\n", MOVE=TAKEN, CREATE=TAKEN, SUBSCRIBE=TAKEN
    ) as server:
        assert not ask(server, labels=["triage-absence"], move_to="Absence")
    assert b" MOVE 3 " in said(server)


def test_the_labels_of_gmail_are_added_and_nothing_else_is_changed():
    with a_server(b"X-GM-EXT-1", STORE=b"TAG OK done\r\n") as server:
        assert ask(server, gmail=["triage/absence"])
    assert b'UID STORE 3 +X-GM-LABELS.SILENT ("triage/absence")' in said(server)
    assert said(server).count(b"STORE") == 1


@pytest.mark.parametrize("what", [{"gmail": ["triage/absence"]}, {"labels": ["triage-absence"]}])
def test_a_server_that_says_not_now_to_a_label_is_in_trouble_and_asked_again_later(what):
    with (
        a_server(b"X-GM-EXT-1", STORE=b"TAG NO [THROTTLED] slow down\r\n") as server,
        pytest.raises(MailError, match="slow down"),
    ):
        ask(server, **what)


def test_a_server_without_them_is_not_asked():
    with a_server(b"MOVE") as server:
        assert not ask(server, gmail=["triage/absence"])
    assert b"STORE" not in said(server)


def test_a_label_that_gmail_refuses_is_a_no():
    with a_server(b"X-GM-EXT-1", STORE=b"TAG NO not that one\r\n") as server:
        assert not ask(server, gmail=["triage/absence"])
