"""Who gets statements by mail: added, switched off, and back on by adding them again."""

from __future__ import annotations

from dataclasses import replace

from crisis.core.contact import Recipient
from crisis.core.people import Action, Person, demand
from crisis.errors import Invalid
from crisis.flows.desk import Desk, acting, note
from crisis.store import recipients as store
from crisis.store import records


def add(desk: Desk, *, by: Person, audience: str, name: str, address: str, lang: str, region: str = "") -> Recipient:
    """One more recipient; one that was switched off is there again, with the new name.

    Raises Invalid, also when this address gets the texts for this audience in this language already.
    """
    demand(by, Action.ADMINISTER)
    address, name = address.strip(), name.strip()
    if "@" not in address or any(char in address for char in "\r\n<> "):
        raise Invalid("email", "email_wrong", value=address)
    if not name or any(char in name for char in "\r\n<>"):
        raise Invalid("name", "name_missing")
    if audience not in desk.content.audiences.cards:
        raise Invalid("audience", "choice_wrong", value=audience)
    if lang not in ("zh", "en"):
        raise Invalid("lang", "choice_wrong", value=lang)
    made = Recipient(audience=audience, name=name, email=address, lang=lang, region=region)
    with acting(desk) as (db, now):
        known = store.of_address(db, address, audience=audience, lang=lang)
        if any(recipient.active for recipient in known):
            raise Invalid("email", "recipient_taken", value=address)
        made = store.put(db, replace(made, id=known[0].id)) if known else records.add(db, made)
        note(db, "recipient_added", at=now, by=by, audience=audience, name=name)
        return made


def switch_off(desk: Desk, recipient_id: int, *, by: Person) -> Recipient:
    """The recipient as one who gets nothing any more; what they were sent stays as it was."""
    demand(by, Action.ADMINISTER)
    with acting(desk) as (db, now):
        recipient = records.get(db, Recipient, recipient_id)
        if not recipient.active:
            return recipient
        note(db, "recipient_off", at=now, by=by, audience=recipient.audience, name=recipient.name)
        return store.put(db, replace(recipient, active=False))
