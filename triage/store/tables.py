"""The tables. What a person wrote, is called or can be reached at is ``Encrypted``.

It is looked up by keyed hash.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)

from triage.store.encrypted import Encrypted, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

HASH = 64
NEVER = "9999-12-31 00:00:00.000000"

mailboxes = Table(
    "mailboxes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address_hash", String(HASH), nullable=False),
    Column("address", Encrypted, nullable=False),
    Column("folder", String, nullable=False),
    Column("uidvalidity", BigInteger),
    Column("high_water", BigInteger, nullable=False),
    Column("no_reply_below", BigInteger, nullable=False),
    Column("first_contact_at", UtcDateTime),
    Column("last_success_at", UtcDateTime),
    Column("last_error", Encrypted),
    Column("failures", Integer, nullable=False),
    Column("next_attempt_at", UtcDateTime),
    Column("paused_at", UtcDateTime),
    Column("paused_by", Encrypted),
    Column("trouble", String),
    Column("throttled", Integer, nullable=False, server_default="0"),
    Column("listened", Boolean),
    UniqueConstraint("address_hash", "folder"),
)

# ``setting`` is the folder that the settings ask for, "" for the one that is found; ``folder`` is read.
sent_folders = Table(
    "sent_folders",
    metadata,
    Column("address_hash", String(HASH), primary_key=True),
    Column("setting", String, nullable=False),
    Column("folder", String),
    Column("uidvalidity", BigInteger),
    Column("high_water", BigInteger, nullable=False),
    Column("read_at", UtcDateTime),
    Column("next_attempt_at", UtcDateTime),
)

sent_ids = Table(
    "sent_ids",
    metadata,
    Column("id_hash", String(HASH), primary_key=True),
    Column("sent_at", UtcDateTime, nullable=False, index=True),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String, primary_key=True),
    Column("holder", String, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

cases = Table(
    "cases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(HASH), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime),
    Column("sender_hash", String(HASH), index=True),
    Column("sender", Encrypted),
    Column("subject", Encrypted),
    sqlite_autoincrement=True,  # an id in the audit never comes to mean another row
)

case_pupils = Table(
    "case_pupils",
    metadata,
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("pupil_id", String, primary_key=True, index=True),
)

# ``origin`` is the key of the message itself: three copies share it, an answer that joins a case has its own.
messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mailbox_id", ForeignKey("mailboxes.id"), nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("last_attempt_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Column("origin", String(HASH)),
    Column("case_id", ForeignKey("cases.id")),
    UniqueConstraint("mailbox_id", "uidvalidity", "uid"),
    Index(None, "mailbox_id", "origin"),
    Index(None, "mailbox_id", "state"),
    Index(None, "mailbox_id", "case_id"),
    Index(None, "case_id", "mailbox_id"),
    sqlite_autoincrement=True,  # an id in the audit never comes to mean another row
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("message_id", ForeignKey("messages.id"), nullable=False, unique=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False, index=True),
    Column("origin", String(HASH), nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False, index=True),
    Column("policy_hash", String, nullable=False),
    Column("sender_kind", String, nullable=False),
    Column("proof", String, nullable=False),
    Column("pupils", JSON),
    Column("several", JSON),
    Column("named_in", String),
    Column("scores", JSON, nullable=False),
    Column("topics", JSON, nullable=False),
    Column("outcomes", JSON, nullable=False),
    Column("parts", JSON, nullable=False),
    Column("labels", JSON, nullable=False),
    Column("withheld", String),
    Column("immediate", Boolean, nullable=False),
    Column("phrase_floor", Boolean, nullable=False),
    Column("gates", Encrypted, nullable=False),
    Column("evidence", Encrypted, nullable=False),
    Column("why", Encrypted, nullable=False),
    Column("sender", Encrypted, nullable=False),
    Column("subject", Encrypted, nullable=False),
    Column("classified", Encrypted),
    Column("text", Encrypted),
    Column("sender_name", Encrypted),
    Column("attachments", Encrypted),
    Column("html", Encrypted),
    Column("html_cut", Boolean),
    sqlite_autoincrement=True,  # an id in the audit never comes to mean another row
)

# ``rank`` and ``due`` are severity and deadline as the queue sorts by them: no deadline is never due.
# ``talked_at`` is when somebody of the school last closed it by talking with whoever wrote.
flags = Table(
    "flags",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False, index=True),
    Column("dedupe", String(HASH), nullable=False, unique=True),
    Column("topic", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("route", String, nullable=False),
    Column("year", Integer),
    Column("about_hash", String(HASH), index=True),
    Column("about", Encrypted),
    Column("deadline", UtcDateTime, index=True),
    Column("why", Encrypted, nullable=False),
    Column("joined", JSON),
    Column("state", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("resolved_at", UtcDateTime, index=True),
    Column("rank", Integer, nullable=False, server_default="2"),
    Column("due", UtcDateTime, nullable=False, server_default=NEVER),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("assigned_hash", String(HASH)),
    Column("assigned", Encrypted),
    Column("talked_at", UtcDateTime),
    Index(None, "state", "route", "rank", "due", "id"),
    Index(None, "state", "rank", "due", "id"),
    Index(
        "ix_flags_talked",
        *("case_id", "talked_at", "state", "route", "year", "about_hash"),
        postgresql_where=text("talked_at IS NOT NULL"),
        sqlite_where=text("talked_at IS NOT NULL"),
    ),
    sqlite_autoincrement=True,  # an id in the audit never comes to mean another row
)

flag_events = Table(
    "flag_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("flag_id", ForeignKey("flags.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("event", String, nullable=False),
    Column("actor", Encrypted, nullable=False),
    Column("reason", String, nullable=False),
    Column("note", Encrypted, nullable=False),
    sqlite_autoincrement=True,  # an id in the audit never comes to mean another row
)

# A word is eight bytes of a keyed hash: nobody without the key file can tell which one it stands for.
case_words = Table(
    "case_words",
    metadata,
    Column("word", BigInteger, primary_key=True),
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
)

saved_views = Table(
    "saved_views",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address_hash", String(HASH), nullable=False, index=True),
    Column("name", Encrypted, nullable=False),
    Column("query", Encrypted, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,  # a bookmark never comes to mean another view
)

corrections = Table(
    "corrections",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False, index=True),
    Column("topic", String, nullable=False),
    Column("verdict", String, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("actor", Encrypted, nullable=False),
)

correspondents = Table(
    "correspondents",
    metadata,
    Column("address_hash", String(HASH), primary_key=True),
    Column("first_met_at", UtcDateTime, nullable=False),
    Column("suppressed", String),
    Column("suppressed_at", UtcDateTime),
)

actions = Table(
    "actions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", ForeignKey("cases.id"), index=True),
    Column("dedupe", String(HASH), nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", String),
    Column("mailbox_id", ForeignKey("mailboxes.id")),
    Column("correspondent", ForeignKey("correspondents.address_hash")),
    Column("domain_hash", String(HASH)),
    Column("recipient", Encrypted),
    Column("parts", JSON, nullable=False),
    Column("said", JSON),
    Column("language", String, nullable=False),
    Column("subject", Encrypted, nullable=False),
    Column("in_reply_to", Encrypted),
    Column("references", Encrypted, nullable=False),
    Column("facts", Encrypted, nullable=False),
    Column("labels", JSON, nullable=False),
    Column("uidvalidity", BigInteger),
    Column("uid", BigInteger),
    Column("not_after", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("next_attempt_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("message_id", String, unique=True),
    Column("sent_as", String, index=True),  # the name that a provider has put in the place of message_id
    Column("said_at", UtcDateTime),
    Column("holder", String),
    Column("claim_token", String),
    Column("claim_expires_at", UtcDateTime),
    Column("data_started_at", UtcDateTime),
    Column("settled_at", UtcDateTime),
    Column("code", Integer),
    Column("answer", Encrypted),
    Column("raw", Encrypted),
    Index(None, "state", "next_attempt_at"),
    Index(None, "correspondent", "said_at"),
    Index(None, "kind", "said_at"),
    sqlite_autoincrement=True,  # an id in the audit never comes to mean another row
)

reply_ledger = Table(
    "reply_ledger",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("correspondent", ForeignKey("correspondents.address_hash"), nullable=False),
    Column("part", String, nullable=False),
    Column("said_at", UtcDateTime, nullable=False),
    Column("action_id", ForeignKey("actions.id"), nullable=False),
    UniqueConstraint("action_id", "part"),
    Index(None, "correspondent", "part", "said_at"),
)

pupils = Table(
    "pupils",
    metadata,
    Column("id", String, primary_key=True),
    Column("given", Encrypted, nullable=False),
    Column("family", Encrypted, nullable=False),
    Column("known_as", Encrypted, nullable=False),
    Column("year", Integer, nullable=False),
    Column("form", String, nullable=False),
    Column("address", Encrypted, nullable=False),
)

guardians = Table(
    "guardians",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", Encrypted, nullable=False),
    Column("address", Encrypted, nullable=False),
    Column("may_write", Boolean, nullable=False),
    Column("interpreter", Encrypted),
    Column("telephone", Encrypted),
)

guardian_pupils = Table(
    "guardian_pupils",
    metadata,
    Column("guardian_id", ForeignKey("guardians.id"), primary_key=True),
    Column("pupil_id", String, primary_key=True),
    Column("position", Integer, nullable=False),
)

roster_imports = Table(
    "roster_imports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("imported_at", UtcDateTime, nullable=False),
    Column("source", String, nullable=False),
    Column("content", String(HASH), nullable=False),
    Column("pupils", Integer, nullable=False),
    Column("guardians", Integer, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address_hash", String(HASH), nullable=False, unique=True),
    Column("address", Encrypted, nullable=False),
    Column("password", String),
    Column("totp", Encrypted),
    Column("totp_step", BigInteger),
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
    sqlite_autoincrement=True,  # an id in the audit never comes to mean another row
)

# ``roles`` are those that a provider's groups give, beside the roles of the settings.
sessions = Table(
    "sessions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("token_hash", String(HASH), nullable=False, unique=True),
    Column("address_hash", String(HASH), nullable=False, index=True),
    Column("address", Encrypted, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("second_factor_at", UtcDateTime),
    sqlite_autoincrement=True,  # an id in the audit never comes to mean another row
)

sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("key", String(HASH), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
)

# ``figures`` hold no word of a message. Of ``rehearsed`` there are rows of the last rehearsal only.
rehearsals = Table(
    "rehearsals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("by", Encrypted, nullable=False),
    Column("mailboxes", Encrypted, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("figures", JSON, nullable=False),
    sqlite_autoincrement=True,  # an id in the audit never comes to mean another row
)

# ``topics`` are those to which a message was near, ``number`` is its place in the rehearsal.
rehearsed = Table(
    "rehearsed",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("rehearsal_id", ForeignKey("rehearsals.id"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("sender", Encrypted, nullable=False),
    Column("subject", Encrypted, nullable=False),
    Column("text", Encrypted, nullable=False),
    Column("evidence", Encrypted, nullable=False),
    Column("topics", JSON, nullable=False),
    Column("scores", JSON, nullable=False),
    Column("why", Encrypted),
    sqlite_autoincrement=True,  # an id in the audit never comes to mean another row
)

# Tokens for signing in to mailboxes: see store/tokens.py.
oauth_tokens = Table(
    "oauth_tokens",
    metadata,
    Column("name", String(HASH), primary_key=True),
    Column("whose", Encrypted, nullable=False),
    Column("access", Encrypted),
    Column("refresh", Encrypted),
    Column("obtained_at", UtcDateTime),
    Column("expires_at", UtcDateTime),
    Column("forced_at", UtcDateTime),
    Column("logged_in_at", UtcDateTime),
    Column("failing_since", UtcDateTime),
    Column("failures", Integer, nullable=False),
    Column("retry_at", UtcDateTime),
    Column("kind", String),
    Column("code", String),
    Column("words", Encrypted),
    Column("told_at", UtcDateTime),
    Column("mark", String),
)

# ``value`` is NULL while a switch is off. The row "audit" holds the last link of the chain,
# sealed (see store/audit.py), and is its lock.
switches = Table(
    "switches",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", String),
    Column("by", Encrypted),
    Column("at", UtcDateTime),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("actor", Encrypted, nullable=False),
    Column("action", String, nullable=False),
    Column("object", String, nullable=False),
    Column("link", String(HASH), nullable=False),
    sqlite_autoincrement=True,  # an id in the audit never comes to mean another row
)
