"""What a channel is given, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crisis.errors import CrisisError


@dataclass(frozen=True, kw_only=True)
class Message:
    """Approved bytes on their way: nothing of `title`, `text`, `lang` may be changed by a channel.

    `drill` marks a played message: a channel that reaches people outside refuses it. `id` is the same at
    every try, so that a receiver can tell a repeat.
    """

    id: str
    title: str
    text: str
    lang: str
    audience: str
    hash: str
    at: datetime
    drill: bool
    organisation: str


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What the channel answered: a reference that a person can look up."""

    reference: str
    details: Mapping[str, Any]


class ChannelRefused(CrisisError):
    """The channel will not take this message, and trying again cannot help."""

    code = "channel_refused"
    permanent = True


class ChannelFailed(CrisisError):
    """The channel did not take it this time; nothing was handed over, so it is safe to try again."""

    code = "channel_failed"
    permanent = False


class ChannelUncertain(CrisisError):
    """The channel broke off after the message was handed over: it may have arrived. A person decides."""

    code = "channel_uncertain"
    permanent = True


def refuse_in_drill(message: Message) -> None:
    """Raises ChannelRefused for a played message: nothing leaves the building in a drill."""
    if message.drill:
        raise ChannelRefused("a drill sends nothing", message=message.id)
