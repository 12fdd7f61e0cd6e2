"""An index in which the flags of a route stand as the queue sorts them; the totals are counted in it too."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_flags_state_route_rank_year", "flags")
    op.create_index("ix_flags_state_route_rank_due_id", "flags", ["state", "route", "rank", "due", "id"])


def downgrade() -> None:
    op.drop_index("ix_flags_state_route_rank_due_id", "flags")
    op.create_index("ix_flags_state_route_rank_year", "flags", ["state", "route", "rank", "year"])
