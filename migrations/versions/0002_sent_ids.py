"""What staff have sent: how far it is read, and its Message-IDs as keyed hashes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sent_folders",
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("setting", sa.String(), nullable=False),
        sa.Column("folder", sa.String(), nullable=True),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=True),
        sa.Column("high_water", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("address_hash", name=op.f("pk_sent_folders")),
    )
    op.create_table(
        "sent_ids",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_sent_ids")),
    )
    op.create_index(op.f("ix_sent_ids_sent_at"), "sent_ids", ["sent_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_sent_ids_sent_at"), table_name="sent_ids")
    op.drop_table("sent_ids")
    op.drop_table("sent_folders")
