"""the release that is the evidence of a task"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.add_column(sa.Column("release_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_task_release_id"), ["release_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_task_release_id_release"), "release", ["release_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_task_release_id_release"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_task_release_id"))
        batch_op.drop_column("release_id")
