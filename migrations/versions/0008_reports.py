"""Indexes by time: what the reports and the audit ask of some weeks reads those weeks."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TIMES = (
    ("decisions", "received_at"),
    ("flags", "created_at"),
    ("flags", "resolved_at"),
    ("flags", "deadline"),
    ("corrections", "at"),
    ("audit", "at"),
)


def upgrade() -> None:
    for table, column in TIMES:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    for table, column in reversed(TIMES):
        op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)
