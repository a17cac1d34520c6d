"""Setting up the desk for one's own organisation: names, mail server, who may be asked for approval."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection

from crisis.core.people import Action, Person, demand
from crisis.errors import Invalid
from crisis.flows.desk import ORGANISATION, Desk, House, acting, note
from crisis.store import keep
from monitors.article import BadField
from monitors.guard import allowed_of
from monitors.organisation import organisation_of


def record_of(house: House) -> dict[str, Any]:
    """The house as it is kept."""
    record = asdict(house)
    record["allow"] = list(house.allow)
    organisation = record["organisation"]
    for name, value in organisation.items():
        if isinstance(value, tuple):
            organisation[name] = list(value)
    return record


def checked(house: House) -> House:
    """The house, or Invalid at the field that cannot be used."""
    try:
        organisation_of(record_of(house)["organisation"])
    except BadField as bad:
        raise Invalid(bad.field, "name_missing") from None
    if not re.fullmatch(r"[A-Z]{1,6}", house.prefix):
        raise Invalid("prefix", "prefix_wrong", value=house.prefix)
    if not 1 <= house.approvals <= 5:
        raise Invalid("approvals", "approvals_range")
    try:
        ZoneInfo(house.zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Invalid("zone", "zone_wrong", value=house.zone) from None
    if house.smtp.get("host"):
        if "@" not in str(house.smtp.get("sender", "")):
            raise Invalid("smtp_sender", "email_wrong", value=house.smtp.get("sender", ""))
        if not 0 < int(house.smtp.get("port", 25)) < 65536:
            raise Invalid("smtp_port", "number_wrong", value=house.smtp.get("port"))
    try:
        allowed_of(networks=house.allow)
    except ValueError as error:
        raise Invalid("allow", "network_wrong", value=str(error)) from None
    return house


def save_house(desk: Desk, house: House, *, by: Person | None) -> House:
    """The organisation as set up. `by` is None when the desk is set up from the command line."""
    if by is not None:
        demand(by, Action.ADMINISTER)
    kept = checked(house)
    with acting(desk) as (db, now):
        return save_in(desk, db, kept, by=by, now=now)


def save_in(desk: Desk, db: Connection, house: House, *, by: Person | None, now: datetime) -> House:
    """The same within a transaction of the caller, who holds the turn."""
    if by is not None:
        demand(by, Action.ADMINISTER)
    kept = checked(house)
    before = keep.read(db, ORGANISATION)
    keep.write(db, ORGANISATION, record_of(kept))
    if before is None:
        # Articles from before the desk was set up are learned from; they wake nobody.
        if keep.read(db, "quiet_before") is None and not desk.drill:
            keep.write(db, "quiet_before", now.isoformat())
        note(db, "desk_opened", at=now, by=by, organisation=kept.organisation.name)
    else:
        changed = sorted(name for name, value in record_of(kept).items() if before.get(name) != value)
        note(db, "settings_changed", at=now, by=by, what=", ".join(changed) or "-")
    return kept
