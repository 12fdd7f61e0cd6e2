"""An index in which the totals of the queue can be counted, and a route's flags found by severity."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_flags_state_route_year", "flags")
    op.create_index("ix_flags_state_route_rank_year", "flags", ["state", "route", "rank", "year"])


def downgrade() -> None:
    op.drop_index("ix_flags_state_route_rank_year", "flags")
    op.create_index("ix_flags_state_route_year", "flags", ["state", "route", "year"])
