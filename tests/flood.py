"""A flood: messages from as many senders, each of its own domain, into the mailboxes of a running school."""

from collections import Counter
from datetime import timedelta

from sqlalchemy import select

from tests.acceptance.school import RunningSchool, a_mail
from triage.store.switches import start_replies
from triage.store.tables import actions, decisions

TEXT = "Dear school, my son won't be in school today, he is poorly. His mum"
HOUR = timedelta(minutes=61)


def sender(number: int) -> str:
    """An address that nobody else has."""
    return f"parent{number}@home{number}.example"


def flood(school: RunningSchool, number: int) -> None:
    """Let the messages come in turn into the school's mailboxes, and carry out all that follows."""
    for user in range(school.count):
        mails = {
            sender(one): a_mail(TEXT, to=school.address(user), sender=sender(one), subject=f"Absence {one}")
            for one in range(user, number, school.count)
        }
        school.dovecot.deliver_all(school.users[user], mails)
    school.poll()
    at_rest(school)


def released(school: RunningSchool) -> None:
    """Let replies go out again, an hour later, and carry out whatever is due then."""
    later = school.with_clock_ahead(HOUR)
    with later.database.write() as conn:
        start_replies(conn, "the head", later.context.clock())
    for mailbox in later.mailboxes:
        later.round(mailbox)
    later.sweep()


def at_rest(school: RunningSchool) -> None:
    """Carry out what one sweep alone did not come to."""
    while school.service.sweep():
        pass


def answered_once(school: RunningSchool, after: int = 0) -> bool:
    """Whether nobody has got more than one reply; ``after`` so many that are somebody else's."""
    return set(Counter(reply.recipient for reply in school.replies[after:]).values()) <= {1}


def without_reply(school: RunningSchool) -> list[dict[str, object]]:
    """Return each decision that asked for no reply, with what says why: in a flood there should be none."""
    asked = select(actions.c.case_id).where(actions.c.kind == "reply")
    columns = ("case_id", "received_at", "sender", "sender_kind", "scores", "parts", "withheld", "why")
    found = select(*(decisions.c[name] for name in columns)).where(decisions.c.case_id.not_in(asked))
    with school.service.database.read() as conn:
        return [dict(row) for row in conn.execute(found).mappings()]


def told(school: RunningSchool) -> list[str]:
    """Who was told by mail."""
    mails = school.sink.accepted
    return [one.recipient for one in mails if one.message["Auto-Submitted"] == "auto-generated"]
