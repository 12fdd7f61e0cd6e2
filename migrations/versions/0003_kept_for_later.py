"""What the record is asked later: for which topics a flag stands, and about whom a message was."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("flags", sa.Column("joined", sa.JSON(), nullable=True))
    op.add_column("decisions", sa.Column("pupils", sa.JSON(), nullable=True))
    op.add_column("decisions", sa.Column("several", sa.JSON(), nullable=True))
    op.add_column("decisions", sa.Column("named_in", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("decisions", "named_in")
    op.drop_column("decisions", "several")
    op.drop_column("decisions", "pupils")
    op.drop_column("flags", "joined")
