"""Who gets statements by mail."""

from __future__ import annotations

from sqlalchemy import Connection, func, update

from crisis.core.contact import Recipient
from crisis.store import records, schema


def of_address(db: Connection, address: str, *, audience: str, lang: str) -> tuple[Recipient, ...]:
    """The recipients with an address, in small or capital letters, for an audience in a language; also those off."""
    same = func.lower(schema.recipient.c.email) == func.lower(address)
    return records.find(db, Recipient, same, audience=audience, lang=lang)


def active(db: Connection, *, audience: str, lang: str) -> tuple[Recipient, ...]:
    """Who gets statements for an audience in a language."""
    return records.find(db, Recipient, audience=audience, lang=lang, active=True)


def put(db: Connection, recipient: Recipient) -> Recipient:
    """A recipient that is there already, as it is from now on."""
    table = schema.recipient
    cells = {
        "name": recipient.name,
        "email": recipient.email,
        "region": recipient.region,
        "active": recipient.active,
    }
    db.execute(update(table).where(table.c.id == recipient.id).values(cells))
    return recipient
