"""When somebody last talked over a flag, and indexes for what stands beside a line of the queue."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TALKED = sa.text("talked_at IS NOT NULL")
LAST = """
    UPDATE flags SET talked_at = (
        SELECT max(at) FROM flag_events
        WHERE flag_events.flag_id = flags.id AND event = 'resolved'
        AND reason IN ('dealt with by telephone', 'dealt with in person')
    )
"""


def upgrade() -> None:
    op.add_column("flags", sa.Column("talked_at", sa.DateTime(timezone=True)))
    op.execute(LAST)
    op.create_index(
        "ix_flags_talked",
        "flags",
        ["case_id", "talked_at", "state", "route", "year", "about_hash"],
        postgresql_where=TALKED,
        sqlite_where=TALKED,
    )
    op.create_index("ix_messages_mailbox_id_case_id", "messages", ["mailbox_id", "case_id"])
    op.create_index("ix_messages_case_id_mailbox_id", "messages", ["case_id", "mailbox_id"])
    op.drop_index("ix_messages_case_id", "messages")


def downgrade() -> None:
    op.create_index("ix_messages_case_id", "messages", ["case_id"])
    op.drop_index("ix_messages_case_id_mailbox_id", "messages")
    op.drop_index("ix_messages_mailbox_id_case_id", "messages")
    op.drop_index("ix_flags_talked", "flags")
    op.drop_column("flags", "talked_at")
