"""What a check states and could never use: told when it is loaded, not found out when a text is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from crisis.core.checks.rules import Check, Kind, Lines, Order, Reckoning

# These find nothing but their own patterns.
_BY_PATTERNS = (Reckoning.WORDINGS, Reckoning.FILING, Reckoning.PROMISES, Reckoning.STRATEGY)


def misuses(check: Check, kinds: Mapping[str, Kind]) -> Iterator[tuple[str, str]]:
    """(key, what is wrong with it and what to do), for each. `kinds`: of all checks of the set, by id."""
    stated = (
        ("order", check.order != Order(), Kind.ORDER),
        ("reckons", check.reckons is not None, Kind.STRUCTURE),
        ("tells", bool(check.tells), Kind.FORBID),
        ("unless_refuted", check.unless_refuted, Kind.FORBID),
        ("unless_own_number", check.unless_own_number, Kind.FORBID),
        ("announces", check.announces, Kind.REQUIRE),
    )
    for key, states, kind in stated:
        if states and check.kind is not kind:
            yield key, f"only a check of kind {kind} uses it, and this one is of kind {check.kind}; take it out"
    if check.kind is Kind.STRUCTURE and check.reckons is None:
        yield "kind", f"a check of kind structure states what it reckons: add reckons, one of {', '.join(Reckoning)}"
    if check.reckons in _BY_PATTERNS and check.patterns == Lines():
        yield "reckons", f"{check.reckons} looks for patterns, and there are none; add some"
    element = check.order.element
    if element is not None and kinds.get(element.check) is not Kind.REQUIRE:
        required = ", ".join(sorted(identity for identity, kind in kinds.items() if kind is Kind.REQUIRE))
        yield "order", f"the element {element.check} is no required element; name one of {required}"
