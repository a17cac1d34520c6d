"""one recipient per address, audience and language"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _fold()
    op.create_index(
        "uq_recipient_address", "recipient", ["audience", "lang", sa.literal_column("lower(email)")], unique=True
    )


def _fold() -> None:
    """Leave one row of those that name the same address: the one that releases have used.

    That is the first that is switched on, else the first. What was sent names the address itself and no such row.
    """
    table = sa.table("recipient", *(sa.column(name) for name in ("id", "audience", "lang", "email", "active")))
    db = op.get_bind()
    address = sa.func.lower(table.c.email).label("address")
    rows = sa.select(table.c.id, table.c.audience, table.c.lang, address).order_by(table.c.active.desc(), table.c.id)
    seen = set[tuple[str, str, str]]()
    for row in db.execute(rows).all():
        if (row.audience, row.lang, row.address) in seen:
            db.execute(sa.delete(table).where(table.c.id == row.id))
        seen.add((row.audience, row.lang, row.address))


def downgrade() -> None:
    op.drop_index("uq_recipient_address", "recipient")
