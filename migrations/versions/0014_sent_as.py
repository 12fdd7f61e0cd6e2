"""Under which Message-ID a provider has sent mail of ours, where it has put another in the place of it."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("actions", sa.Column("sent_as", sa.String(), nullable=True))
    op.create_index(op.f("ix_actions_sent_as"), "actions", ["sent_as"])


def downgrade() -> None:
    op.drop_index(op.f("ix_actions_sent_as"), "actions")
    op.drop_column("actions", "sent_as")
