"""The queue: its order, who has a flag, whole words by keyed hash, views, corrections, telephones."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

RANKS = "CASE severity WHEN 'immediate' THEN 0 WHEN 'high' THEN 1 ELSE 2 END"
NEVER = "9999-12-31 00:00:00.000000"


def upgrade() -> None:
    op.add_column("flags", sa.Column("rank", sa.Integer(), nullable=False, server_default="2"))
    op.add_column("flags", sa.Column("due", sa.DateTime(timezone=True), nullable=False, server_default=NEVER))
    op.add_column("flags", sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("flags", sa.Column("assigned_hash", sa.String(length=64), nullable=True))
    op.add_column("flags", sa.Column("assigned", sa.LargeBinary(), nullable=True))
    op.execute(f"UPDATE flags SET rank = {RANKS}, due = COALESCE(deadline, due)")  # noqa: S608 - no input
    op.create_index(op.f("ix_flags_state_rank_due_id"), "flags", ["state", "rank", "due", "id"], unique=False)
    op.create_index(op.f("ix_flags_about_hash"), "flags", ["about_hash"], unique=False)
    op.create_table(
        "case_words",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("word", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_words_case_id_cases")),
        sa.PrimaryKeyConstraint("word", "case_id", name=op.f("pk_case_words")),
    )
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("query", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_saved_views_address_hash"), "saved_views", ["address_hash"], unique=False)
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_corrections_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    op.create_index(op.f("ix_corrections_case_id"), "corrections", ["case_id"], unique=False)
    op.add_column("guardians", sa.Column("telephone", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("guardians", "telephone")
    op.drop_index(op.f("ix_corrections_case_id"), table_name="corrections")
    op.drop_table("corrections")
    op.drop_index(op.f("ix_saved_views_address_hash"), table_name="saved_views")
    op.drop_table("saved_views")
    op.drop_table("case_words")
    op.drop_index(op.f("ix_flags_about_hash"), table_name="flags")
    op.drop_index(op.f("ix_flags_state_rank_due_id"), table_name="flags")
    for name in ("assigned", "assigned_hash", "version", "due", "rank"):
        op.drop_column("flags", name)
