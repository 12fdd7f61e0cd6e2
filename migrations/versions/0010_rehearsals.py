"""What rehearsals came to, and the messages about which the software was least certain."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rehearsals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.LargeBinary(), nullable=False),
        sa.Column("mailboxes", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rehearsals")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "rehearsed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rehearsal_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sender", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["rehearsal_id"], ["rehearsals.id"], name=op.f("fk_rehearsed_rehearsal_id_rehearsals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rehearsed")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_rehearsed_rehearsal_id"), "rehearsed", ["rehearsal_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_rehearsed_rehearsal_id"), table_name="rehearsed")
    op.drop_table("rehearsed")
    op.drop_table("rehearsals")
