"""Names of organisations as the press writes them: without their legal form."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from monitors.folding import fold, is_unspaced


def short_name(name: str) -> str:
    """The name without legal forms at its end (`美味食品股份有限公司` 美味食品, `Acme Foods Inc.` Acme Foods).

    The name itself when nothing would be left, or there is none.
    """
    short = " ".join(name.split())
    while True:
        folded = fold(short)
        text = folded.text.rstrip(" .,")
        form = next((form for form in _forms() if text.endswith(form) and _stands_apart(text, form)), "")
        rest = text[: len(text) - len(form)].rstrip(" .,") if form else ""
        if not rest:
            return short
        short = short[: folded.span(0, len(rest))[1]]


def _stands_apart(text: str, form: str) -> bool:
    """A Latin form must be a word of its own: Tesco does not end in Co."""
    return is_unspaced(form[0]) or text[: len(text) - len(form)].endswith((" ", ","))


@cache
def _forms() -> tuple[str, ...]:
    lines = files("monitors").joinpath("legal_forms.txt").read_text(encoding="utf-8").splitlines()
    return tuple(fold(line).text for line in lines if line and not line.startswith("#"))
