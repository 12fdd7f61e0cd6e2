"""What marking and moving promise, also where a server does neither: no message is harmed by it."""

import tomllib
from pathlib import Path

import pytest

from tests.contract.test_imap_moving import hide_move
from triage.mail.imap import add_labels, connect

ROOT = Path(__file__).resolve().parents[2]
RAW = b"From: parent@home.example\r\nMessage-ID: <one@home.example>\r\nSubject: PE kit\r\n\r\nIt is lost.\r\n"
OTHER = RAW.replace(b"<one@", b"<two@")
FOLDER = "Triage/Absence"
MAILDIR_KEYWORDS = 26


@pytest.fixture
def label(host, user):
    """Label a message, told what it is expected to be."""

    def label(uid, *labels, message_id="<one@home.example>", uidvalidity=None, move_to=None):
        with connect(host.imap(), host.login(user)) as session:
            seen = uidvalidity or session.select("INBOX").uidvalidity
        return add_labels(
            host.imap(),
            host.login(user),
            "INBOX",
            uidvalidity=seen,
            uid=uid,
            message_id=message_id,
            labels=labels,
            move_to=move_to,
        )

    return label


def holds(host, user, folder) -> list[bytes]:
    with connect(host.imap(), host.login(user)) as session:
        session.select(folder)
        return [one.raw for one in session.fetch(session.uids_above(0), 1_000_000)]


def kept(host, *keywords) -> frozenset[str]:
    """Return those of the keywords that such a server keeps."""
    return frozenset(keywords) if host.keeps_keywords else frozenset()


def test_a_label_is_kept_or_said_not_to_be(host, user, label):
    uid = host.append(user, RAW)
    assert label(uid, "triage-absence") is host.keeps_keywords
    assert host.flags(user, uid) == kept(host, "triage-absence")


def test_a_label_leaves_the_flags_of_others_alone(host, user, label):
    uid = host.append(user, RAW)
    with host.session(user, "INBOX") as imap:
        imap.uid("STORE", str(uid), "+FLAGS", "(\\Flagged)")
    label(uid, "triage-absence")
    assert host.flags(user, uid) == {"\\Flagged"} | kept(host, "triage-absence")


def test_a_label_leaves_other_messages_alone(host, user, label):
    uid, other = host.append_all(user, [RAW, RAW])
    label(uid, "triage-absence")
    assert host.flags(user, other) == frozenset()


def test_i1_a_message_with_another_message_id_is_not_labelled(host, user, label):
    uid = host.append(user, RAW)
    assert not label(uid, "triage-absence", message_id="<other@home.example>")
    assert host.flags(user, uid) == frozenset()


def test_i1_under_another_uidvalidity_nothing_is_labelled(host, user, label):
    uid = host.append(user, RAW)
    assert not label(uid, "triage-absence", uidvalidity=1)
    assert host.flags(user, uid) == frozenset()


def test_a_message_that_is_gone_is_not_labelled(host, user, label):
    uid = host.append(user, RAW)
    host.expunge(user, uid)
    assert not label(uid, "triage-absence")


def test_i6_a_message_is_moved_to_a_folder_made_for_it_or_left_where_it_is(host, user, label):
    uid = host.append(user, RAW)
    assert label(uid, move_to=FOLDER) is host.moves
    assert holds(host, user, "INBOX") == ([] if host.moves else [RAW])
    assert not host.moves or holds(host, user, FOLDER) == [RAW]


def test_i5_without_move_one_message_is_copied_and_taken_out_and_no_other(host, user, label, monkeypatch):
    if host.moves:
        hide_move(monkeypatch)
    ours, theirs = host.append_all(user, [RAW, OTHER])
    with host.session(user, "INBOX") as imap:
        imap.uid("STORE", str(theirs), "+FLAGS", "(\\Deleted)")
        assert label(ours, move_to=FOLDER) is host.moves
    assert holds(host, user, "INBOX") == ([OTHER] if host.moves else [RAW, OTHER])
    assert not host.moves or holds(host, user, FOLDER) == [RAW]


def test_the_labels_of_the_shipped_policy_are_no_more_than_a_maildir_keeps():
    policy = tomllib.loads((ROOT / "policy.toml").read_text("utf-8"))
    labels = {topic["label"] for topic in policy.values() if "label" in topic}
    assert 0 < len(labels) <= MAILDIR_KEYWORDS
