"""What the large providers do otherwise; the rest of the contract runs against them, too."""

import pytest

from tests.contract.test_imap_writing import FOLDER, RAW, holds
from triage.mail.imap import add_labels, connect


def mark(host, user, **what) -> bool:
    """Mark the one message of an inbox."""
    with connect(host.imap(), host.login(user)) as session:
        selected = session.select("INBOX")
    return add_labels(
        host.imap(),
        host.login(user),
        "INBOX",
        uidvalidity=selected.uidvalidity,
        uid=selected.uidnext - 1,
        message_id="<one@home.example>",
        **what,
    )


def test_google_keeps_labels_of_its_own_and_shows_no_keyword(google):
    user = google.new_user()
    uid = google.append(user, RAW)
    assert mark(google, user, gmail=["triage/absence", "triage/Später lesen"])
    assert google.labels(user, uid) == {"triage/absence", "triage/Später lesen"}
    assert google.flags(user, uid) == frozenset()


def test_microsoft_has_no_labels_of_gmail_and_is_not_asked_for_them(microsoft):
    user = microsoft.new_user()
    uid = microsoft.append(user, RAW)
    assert not mark(microsoft, user, gmail=["triage/absence"])
    assert microsoft.flags(user, uid) == frozenset()


def test_where_microsoft_keeps_no_keyword_the_folder_for_a_label_is_taken_all_the_same(microsoft):
    user = microsoft.new_user()
    microsoft.append(user, RAW)
    mark(microsoft, user, labels=["triage-absence"], move_to=FOLDER)
    assert (holds(microsoft, user, "INBOX"), holds(microsoft, user, FOLDER)) == ([], [RAW])


@pytest.mark.parametrize(("provider", "keeps"), [("microsoft", False), ("google", True)])
def test_a_provider_says_beforehand_whether_it_keeps_keywords(request, provider, keeps):
    host = request.getfixturevalue(provider)
    with connect(host.imap(), host.login(host.new_user())) as session:
        assert session.select("INBOX", readonly=False).stores("triage-absence") is keeps


def test_a_keyword_that_microsoft_agrees_to_is_not_kept(microsoft):
    """So nothing may be taken for kept that was not read back."""
    user = microsoft.new_user()
    uid = microsoft.append(user, RAW)
    with microsoft.session(user, "INBOX") as imap:
        assert imap.uid("STORE", str(uid), "+FLAGS", "(triage-absence)")[0] == "OK"
    assert microsoft.flags(user, uid) == frozenset()


def test_junk_is_found_by_its_attribute_where_there_is_one(google, microsoft):
    found = []
    for host in (google, microsoft):
        with connect(host.imap(), host.login(host.new_user())) as session:
            found.append(session.junk_folder())
    assert found == ["[Gmail]/Spam", None]
