"""What sort of trouble a mailbox is in, and whether its server tells of new mail."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mailboxes", sa.Column("trouble", sa.String(), nullable=True))
    op.add_column("mailboxes", sa.Column("listened", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("mailboxes", "listened")
    op.drop_column("mailboxes", "trouble")
