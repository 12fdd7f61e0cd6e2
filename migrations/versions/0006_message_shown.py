"""What a message is shown with: the name beside its sender's address, its attachments' names, its HTML."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("decisions", sa.Column("sender_name", sa.LargeBinary(), nullable=True))
    op.add_column("decisions", sa.Column("attachments", sa.LargeBinary(), nullable=True))
    op.add_column("decisions", sa.Column("html", sa.LargeBinary(), nullable=True))
    op.add_column("decisions", sa.Column("html_cut", sa.Boolean(), nullable=True))


def downgrade() -> None:
    for name in ("html_cut", "html", "attachments", "sender_name"):
        op.drop_column("decisions", name)
