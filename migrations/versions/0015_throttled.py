"""How many times in a row a server wanted to be asked less."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mailboxes", sa.Column("throttled", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("mailboxes", "throttled")
