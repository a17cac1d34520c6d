"""What is typed for a source of each form, and whether it can be used: addresses, folders, mailboxes, their options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crisis.core.sources import Form, Source
from crisis.errors import Invalid
from crisis.settings import Settings
from monitors.poller import host_of

SHAPE = ("items", "title", "link", "body", "published", "rank")
FOLDER = "folder:"
# An interval that a person may fix: a minute at least, because others pay for each question; a week at most.
SHORTEST_S, LONGEST_S = 60, 7 * 86400
_MOST_OPTION = 300
TLS = ("tls", "starttls", "none")


@dataclass(frozen=True, kw_only=True)
class NewSource:
    """What is typed or read for a source. `url` is a web address, or the path of a FOLDER; a MAILBOX has none."""

    url: str = ""
    name: str = ""
    form: Form = Form.FEED
    options: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "online"
    reach: int = 3
    lang: str = ""
    region: str = ""
    interval_s: int | None = None


def checked(typed: NewSource) -> NewSource:
    """A source on the web, with a name. Raises Invalid when the address is none."""
    try:
        parts = urlsplit(typed.url.strip())
        host = parts.hostname
    except ValueError:
        raise Invalid("url", "url_wrong", value=typed.url) from None
    # What is fetched is read by another parser, which knows no port 80800.
    if parts.scheme not in ("http", "https") or not host or not host_of(typed.url.strip()):
        raise Invalid("url", "url_wrong", value=typed.url)
    if not 1 <= typed.reach <= 5:
        raise Invalid("reach", "number_wrong", value=typed.reach)
    return replace(typed, url=typed.url.strip(), name=typed.name.strip() or host)


def placed(settings: Settings, typed: NewSource) -> NewSource:
    """The source as it can be kept: address by its form, the options that its form knows. Raises Invalid at a field."""
    if typed.interval_s is not None and not SHORTEST_S <= typed.interval_s <= LONGEST_S:
        raise Invalid("interval_s", "interval_wrong", value=typed.interval_s)
    options: dict[str, Any] = {}
    match typed.form:
        case Form.FOLDER:
            return _folder(settings, typed)
        case Form.MAILBOX:
            return _mailbox(settings, typed)
        case Form.HOTLIST:
            options |= {name: text for name in SHAPE if (text := _text(typed, name))}
    if typed.options.get("full_text"):
        options["full_text"] = True
    return replace(checked(typed), options=options)


def address_of(source: Source) -> str:
    """The address of a source as it is typed."""
    return source.url.removeprefix(FOLDER)


def _folder(settings: Settings, typed: NewSource) -> NewSource:
    text = typed.url.strip().removeprefix(FOLDER)
    if not text or "\0" in text:
        raise Invalid("url", "folder_missing", inbox=str(settings.inbox))
    # A name without more is a folder of the inbox.
    path = settings.inbox / Path(text).expanduser()
    if not settings.may_read(path):
        raise Invalid("url", "folder_outside", inbox=str(settings.inbox))
    if not 1 <= typed.reach <= 5:
        raise Invalid("reach", "number_wrong", value=typed.reach)
    real = path.resolve()
    # So that whoever delivers finds it: only below our own inbox, and only when it is not there.
    if real.is_relative_to(settings.inbox.resolve()):
        real.mkdir(parents=True, exist_ok=True)
    if not real.is_dir():
        raise Invalid("url", "folder_missing", inbox=str(settings.inbox))
    return replace(typed, url=f"{FOLDER}{real}", name=typed.name.strip() or real.name, options={})


def _mailbox(settings: Settings, typed: NewSource) -> NewSource:
    host, user = _text(typed, "host"), _text(typed, "user")
    folder, tls = _text(typed, "folder") or "INBOX", _text(typed, "tls") or "tls"
    if not host or any(sign in host for sign in "/@ "):
        raise Invalid("host", "host_wrong", value=host)
    if not user:
        raise Invalid("user", "name_missing")
    if tls not in TLS or (tls == "none" and not _is_loopback(host)):
        raise Invalid("tls", "tls_needed", value=tls)
    port = _text(typed, "port") or ("993" if tls == "tls" else "143")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise Invalid("port", "port_not_a_number", value=port)
    secret = _text(typed, "password_file")
    path = settings.home / "secrets" / secret
    if not secret or not settings.may_be_secret(path) or not path.is_file():
        raise Invalid("password_file", "password_file_wrong", folder=str(settings.home / "secrets"))
    if not 1 <= typed.reach <= 5:
        raise Invalid("reach", "number_wrong", value=typed.reach)
    return replace(
        typed,
        url=f"imap://{user}@{host}:{port}/{folder}",
        name=typed.name.strip() or user,
        options={
            "host": host,
            "port": int(port),
            "user": user,
            "password_file": str(path),
            "folder": folder,
            "tls": tls,
        },
    )


def _text(typed: NewSource, name: str) -> str:
    text = str(typed.options.get(name) or "").strip()
    if len(text) > _MOST_OPTION or any(sign < " " for sign in text):
        raise Invalid(name, "text_too_long", most=_MOST_OPTION)
    return text


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
