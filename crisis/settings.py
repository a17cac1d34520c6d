"""How the desk is set up from outside: environment variables, each also as NAME_FILE for secrets.

Everything that a person may change while the desk runs (organisation, sources, people, mail server) lies
in the database; here is only what must be known before the database can be opened.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from urllib.parse import urlsplit

from crisis.errors import Invalid


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The desk's surroundings.

    `home` keeps the database, the released files and the user's own content. `database` is an SQLAlchemy
    address; the default is an SQLite file in `home`. `host` and `port` are where the pages are served.
    `base_url` is how people reach the desk, for links in mails and for hubs that push; `proxy` is the address of the
    proxy before it, whose word on who is asking is taken ("*": of everybody who connects; "" when there is none).
    `secure` marks cookies as HTTPS only. `folders` are folders outside `home` from which sources may be read
    (CRISIS_FOLDERS).
    """

    home: Path
    database: str
    host: str = "127.0.0.1"
    port: int = 8620
    base_url: str = ""
    proxy: str = ""
    secure: bool = False
    folders: tuple[Path, ...] = ()

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.base_url or f"http://{host}:{self.port}").rstrip("/")

    @property
    def local(self) -> bool:
        """Whether the desk is reached directly, with no proxy before it."""
        return not self.base_url and not self.proxy

    def is_ours(self, host: str) -> bool:
        """Whether a Host header names this desk: this machine, HOST, or the host of CRISIS_URL.

        A page of a stranger can make its own name point at this machine and read the desk with the browser of
        somebody who sits at it (DNS rebinding); only the name tells the difference, a number is never a stranger's.
        With HOST 0.0.0.0 or :: every number is therefore ours. The port is not looked at: tunnels and containers
        change it, and a stranger's page of another port has another origin.
        """
        try:
            name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        except ValueError:
            return False
        if name in ("localhost", self.host.lower(), urlsplit(self.base_url).hostname or ""):
            return bool(name)
        number = _number(name)
        return number is not None and (number.is_loopback or _is_everywhere(self.host))

    @property
    def inbox(self) -> Path:
        """Where folders that others deliver into lie, unless `folders` names further places."""
        return self.home / "inbox"

    def may_read(self, folder: Path) -> bool:
        """Whether a source may be read from this folder: symbolic links are followed before it is judged."""
        real = folder.resolve()
        return any(real.is_relative_to(place.resolve()) for place in (self.inbox, *self.folders))

    def may_be_secret(self, file: Path) -> bool:
        """Whether a file may hold a password of a source: in `home`/secrets, or where containers put theirs."""
        real = file.resolve()
        return any(real.is_relative_to(place.resolve()) for place in (self.home / "secrets", Path("/run/secrets")))


def _number(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _is_everywhere(host: str) -> bool:
    number = _number(host)
    return number is not None and number.is_unspecified


def _value(environ: Mapping[str, str], name: str, default: str = "") -> str:
    file = environ.get(f"{name}_FILE")
    if file:
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            raise Invalid(f"{name}_FILE", "file_unreadable", value=file) from None
    return environ.get(name, default).strip()


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from CRISIS_HOME, CRISIS_DATABASE, HOST, PORT, CRISIS_URL, CRISIS_PROXY, CRISIS_SECURE and
    CRISIS_FOLDERS.

    Raises Invalid.
    """
    environ = os.environ if environ is None else environ
    home = Path(_value(environ, "CRISIS_HOME", "var")).expanduser().resolve()
    port_text = _value(environ, "PORT", "8620")
    if not port_text.isdecimal() or not 0 < int(port_text) < 65536:
        raise Invalid("PORT", "port_not_a_number", value=port_text)
    secure = _value(environ, "CRISIS_SECURE", "no").lower()
    if secure not in ("yes", "no"):
        raise Invalid("CRISIS_SECURE", "yes_or_no", value=secure)
    base_url = _value(environ, "CRISIS_URL")
    if base_url and not _is_web_address(base_url):
        raise Invalid("CRISIS_URL", "url_wrong", value=base_url)
    # A proxy on this machine is the usual case; without CRISIS_URL nobody stands before the desk.
    proxy = _value(environ, "CRISIS_PROXY") or ("127.0.0.1" if base_url else "")
    if proxy not in ("", "*") and _number(proxy) is None:
        raise Invalid("CRISIS_PROXY", "not_a_number_of_a_machine", value=proxy)
    return Settings(
        home=home,
        database=_value(environ, "CRISIS_DATABASE") or f"sqlite:///{home / 'desk.sqlite'}",
        host=_value(environ, "HOST", "127.0.0.1"),
        port=int(port_text),
        base_url=base_url,
        proxy=proxy,
        secure=secure == "yes",
        folders=tuple(
            Path(part).expanduser().resolve() for part in _value(environ, "CRISIS_FOLDERS").split(os.pathsep) if part
        ),
    )


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False
