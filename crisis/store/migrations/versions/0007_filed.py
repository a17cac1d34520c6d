"""whether the exchange has been told what is material of an incident"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    # Not as a batch: that copies the table, and SQLite lets no table go that others point to.
    op.add_column("incident", sa.Column("filed", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("incident", "filed")
