"""how grave a finding was when it was waived"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    # How grave the findings were that were waived before is not known: whether one that blocks may pass is asked again.
    with op.batch_alter_table("waiver", schema=None) as batch_op:
        batch_op.add_column(sa.Column("severity", sa.String(length=40), server_default="high", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("waiver", schema=None) as batch_op:
        batch_op.drop_column("severity")
