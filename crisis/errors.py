"""What can go wrong at the desk, as a tree. Each error is named after what is wrong.

    CrisisError
    ├── NotFound            the thing does not exist, or this person may not know that it does
    ├── NotPermitted        the person is known, the act is not theirs
    ├── Stale               somebody else saved the same thing first
    ├── LeaseLost           another process does this by now
    ├── Invalid             what was typed cannot be used; carries the field
    ├── WrongState          the act does not fit the state the thing is in
    └── ContentInvalid      a playbook, template or other content file is wrong; carries file:line:

An error carries a stable `code` and its arguments; the sentence that a person reads is made at the
edge, in the reader's language, from the message catalogue. `str(error)` is English, for logs.
"""

from __future__ import annotations


class CrisisError(Exception):
    """Root of everything this product raises on purpose.

    `code` names the sentence in the message catalogue; `details` are its arguments;
    `permanent` says that trying again cannot help.
    """

    code = "error"
    permanent = True

    def __init__(self, message: str = "", /, **details: object) -> None:
        self.details = details
        super().__init__(message or f"{self.code} {details}")


class NotFound(CrisisError):
    code = "not_found"


class NotPermitted(CrisisError):
    code = "not_permitted"


class Stale(CrisisError):
    """Somebody else saved this first: what they saved and what you typed are both kept."""

    code = "stale"


class LeaseLost(CrisisError):
    code = "lease_lost"


class Invalid(CrisisError):
    """What was typed cannot be used. `field` says where, `code` says why."""

    def __init__(self, field: str, code: str, **details: object) -> None:
        self.field = field
        self.code = code
        super().__init__(f"{field}: {code} {details or ''}".strip(), field=field, **details)


class WrongState(CrisisError):
    code = "wrong_state"


class ContentInvalid(CrisisError):
    """One or more content files are wrong. `problems` are `file:line: what` lines."""

    code = "content_invalid"

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems), problems=problems)
