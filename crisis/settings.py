"""How the desk is set up from outside: environment variables, each also as NAME_FILE for secrets.

Everything that a person may change while the desk runs (organisation, sources, people, mail server) lies
in the database; here is only what must be known before the database can be opened.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crisis.errors import Invalid


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The desk's surroundings.

    `home` keeps the database, the released files and the user's own content. `database` is an SQLAlchemy
    address; the default is an SQLite file in `home`. `host` and `port` are where the pages are served.
    `base_url` is how people reach the desk, for links in mails and for hubs that push. `secure` marks cookies as HTTPS
    only. `folders` are folders outside `home` from which sources may be read (CRISIS_FOLDERS).
    """

    home: Path
    database: str
    host: str = "127.0.0.1"
    port: int = 8620
    base_url: str = ""
    secure: bool = False
    folders: tuple[Path, ...] = ()

    @property
    def url(self) -> str:
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")

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


def _value(environ: Mapping[str, str], name: str, default: str = "") -> str:
    file = environ.get(f"{name}_FILE")
    if file:
        return Path(file).read_text(encoding="utf-8").strip()
    return environ.get(name, default).strip()


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from CRISIS_HOME, CRISIS_DATABASE, HOST, PORT, CRISIS_URL, CRISIS_SECURE and CRISIS_FOLDERS.

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
    return Settings(
        home=home,
        database=_value(environ, "CRISIS_DATABASE") or f"sqlite:///{home / 'desk.sqlite'}",
        host=_value(environ, "HOST", "127.0.0.1"),
        port=int(port_text),
        base_url=_value(environ, "CRISIS_URL"),
        secure=secure == "yes",
        folders=tuple(
            Path(part).expanduser().resolve() for part in _value(environ, "CRISIS_FOLDERS").split(os.pathsep) if part
        ),
    )
