"""What should have been sent, in words, from the contract that the feed promised."""

from __future__ import annotations

from contracts import ContractField, get
from reports.words import Words, say

MOST_CODES = 5


def expected_words(contract: str, field: str | None, rule: str, areas: int) -> Words:
    """Return what a rule expects of a field; `areas` is how many districts the city has.

    Where rule and field do not say it in a few words, the rule's own sentence beside it has to do.
    """
    found = next((one for one in get(contract).fields if one.name == field), None)
    if found is None:
        return say("expected.rule")
    if rule == "blank":
        return say("expected.blank")
    if rule == "in_the_future":
        return say("expected.not_future")
    if rule == "unknown_area":
        return say("expected.area", n=areas)
    if rule in ("unknown_code", "not_allowed") and found.allowed:
        return _codes(found.allowed)
    if rule == "out_of_range":
        return _range(found)
    if "_before_" in rule:
        return say("expected.order")
    return say(f"expected.{found.type}") if rule in ("unreadable", "malformed") else say("expected.rule")


def _codes(allowed: tuple[str, ...]) -> Words:
    if len(allowed) > MOST_CODES:
        return say("expected.many_codes", n=len(allowed))
    return say("expected.codes", allowed=", ".join(allowed))


def _range(field: ContractField) -> Words:
    least, most = field.ge, field.le
    if least is not None and most is not None:
        return say("expected.between", least=f"{least:g}", most=f"{most:g}")
    if least is not None:
        return say("expected.at_least", least=f"{least:g}")
    return say("expected.rule") if most is None else say("expected.at_most", most=f"{most:g}")
