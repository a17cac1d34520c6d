"""the number under which a person of the desk is called"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    # Not as a batch: that copies the table, and SQLite lets no table go that others point to.
    op.add_column("person", sa.Column("phone", sa.String(80), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("person", "phone")
