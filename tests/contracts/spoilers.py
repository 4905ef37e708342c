"""One way to spoil a good record for each rule: what the sender writes instead, and what is then to be told.

A rule that a contract declares and that has no spoiler here fails a test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from contracts import Contract, ContractField
from tests.contracts.kinds import sender_name
from tests.contracts.strategies import CANARY, HOME_ZONE, Record, Terms, mended

UNREAD = f"{CANARY}9@mail.example"
FUTURE = datetime(2026, 12, 1, 12, tzinfo=UTC)
"""The first of a month, as some kinds have it."""
SKIPPED, TWICE = "2026-03-08T02:30:00.000", "2025-11-02T01:30:00.000"
TWICE_FIRST = datetime(2025, 11, 2, 6, 30, tzinfo=UTC)
WARNINGS = {"local_time_twice"}


@dataclass(frozen=True)
class Spoilt:
    """A record as sent after one rule was broken, its typed values as far as they can be read, and what is told."""

    rule: str
    field: str
    sent: Record
    typed: Record

    @property
    def told(self) -> tuple[str, str, str]:
        """Rule, field and the sender's field that the finding must name."""
        return self.rule, self.field, sender_name(self.field)


Spoil = Callable[[ContractField, Terms], tuple[Any, Any] | None]
"""Returns what is sent instead and the value it is read as; None where the writing makes it impossible."""


def _blank(held: ContractField, terms: Terms) -> tuple[Any, Any] | None:
    return ("   " if held.type == "str" else None, None) if held.required else None


def _unreadable(held: ContractField, terms: Terms) -> tuple[Any, Any] | None:
    return (UNREAD, None) if held.type != "str" or "sql" in terms.writing[held.name].told else None


def _unknown_code(held: ContractField, terms: Terms) -> tuple[Any, Any] | None:
    return (UNREAD, None) if terms.writing[held.name].codes else None


def _not_allowed(held: ContractField, terms: Terms) -> tuple[Any, Any] | None:
    if not held.allowed:
        return None
    return ("Legacy", "no longer allowed") if terms.writing[held.name].codes else (UNREAD, UNREAD)


def _out_of_range(held: ContractField, terms: Terms) -> tuple[Any, Any] | None:
    if held.ge is None and held.le is None:
        return None
    value = held.le + 1 if held.le is not None else (held.ge or 0) - 1
    typed = int(value) if held.type == "int" else float(value)
    return terms.writing[held.name].write(typed), typed


def _malformed(held: ContractField, terms: Terms) -> tuple[Any, Any] | None:
    return (terms.writing[held.name].write(UNREAD), UNREAD) if held.pattern else None


def _unknown_area(held: ContractField, terms: Terms) -> tuple[Any, Any] | None:
    return (terms.writing[held.name].write("Z9"), "Z9") if held.reference == "area" else None


def _in_the_future(held: ContractField, terms: Terms) -> tuple[Any, Any] | None:
    if not held.not_future:
        return None
    value = FUTURE.date() if held.type == "date" else FUTURE
    return terms.writing[held.name].write(value), value


def _local(text: str, read: Any) -> Spoil:
    def spoil(held: ContractField, terms: Terms) -> tuple[Any, Any] | None:
        return (text, read) if held.type == "instant" and terms.writing[held.name].zone == HOME_ZONE else None

    return spoil


FIELD_RULES: dict[str, Spoil] = {
    "blank": _blank, "unreadable": _unreadable, "unknown_code": _unknown_code, "not_allowed": _not_allowed,
    "out_of_range": _out_of_range, "malformed": _malformed, "unknown_area": _unknown_area,
    "in_the_future": _in_the_future, "local_time_missing": _local(SKIPPED, None),
    "local_time_twice": _local(TWICE, TWICE_FIRST),
}  # fmt: skip


def _earlier(field: str, than: str) -> Callable[[Record], Record]:
    def change(record: Record) -> Record:
        step = timedelta(days=1, seconds=int(isinstance(record[than], datetime)))
        return {field: record[than] - step}

    return change


KIND_RULES: dict[tuple[str, str, str], Callable[[Record], Record]] = {
    ("service_request", "closed_before_requested", "closed_at"): _earlier("closed_at", "requested_at"),
    ("service_request", "status_closed_without_time", "closed_at"): lambda _: {"status": "closed", "closed_at": None},
    ("service_request", "answered_before_requested", "answered_at"): _earlier("answered_at", "requested_at"),
    ("service_request", "expected_before_requested", "expected_at"): _earlier("expected_at", "requested_at"),
    ("service_rating", "month_with_day", "month"): lambda _: {"month": date(2026, 10, 2)},
    ("emergency_call", "on_scene_before_received", "on_scene_at"): _earlier("on_scene_at", "received_at"),
    ("emergency_call", "dispatched_before_received", "dispatched_at"): _earlier("dispatched_at", "received_at"),
    ("commitment", "ends_before_start", "end_date"): _earlier("end_date", "start_date"),
    ("commitment", "active_without_signature", "signed_date"): lambda _: {"status": "active", "signed_date": None},
    ("plan_task", "done_without_date", "done_date"): lambda _: {"status": "done", "done_date": None},
    ("permit", "issued_before_applied", "issued_date"): _earlier("issued_date", "applied_date"),
    ("incident", "updated_before_occurred", "updated_at"): _earlier("updated_at", "occurred_at"),
    ("transit_stop", "stop_without_place", "latitude"): lambda _: {"location_type": "stop", "latitude": None},
    ("observation", "out_of_range", "result"): lambda _: {"property_code": "pm2_5", "result": 2001.0},
}


def spoilt(terms: Terms, record: Record) -> Iterator[Spoilt]:
    """Spoil a good record once for each rule and field that can be broken as these terms write it."""
    contract = terms.contract
    for held in contract.fields:
        for rule, spoil in FIELD_RULES.items():
            found = spoil(held, terms)
            base = mended(contract, record | {held.name: found[1]}, {held.name}) if found else None
            if found and base:
                # the spoilt value is written apart: the field's own writing may not know it
                sent = terms.sent(base | {held.name: None}) | {sender_name(held.name): found[0]}
                yield Spoilt(rule, held.name, sent, base)
    for (kind, rule, field), change in KIND_RULES.items():
        if kind == contract.name:
            yield _between_fields(terms, record, rule, field, change)


def _between_fields(
    terms: Terms, record: Record, rule: str, field: str, change: Callable[[Record], Record]
) -> Spoilt:
    contract = terms.contract
    changed = record | change(record)
    at, own = next((at, one) for at, one in enumerate(contract.rules) if (one.rule.id, one.field) == (rule, field))
    keep = set(own.holds(contract.model).meta.root_names())
    base = mended(contract, changed, keep, but=f"{at} {rule}")
    assert base is not None, f"{rule} cannot be broken alone"
    return Spoilt(rule, field, terms.sent(base), base)


def another_content(contract: Contract, record: Record) -> Record:
    """Return a record of the same key and stamp that says something else, and breaks no rule."""
    for held in contract.fields:
        if held.key or held.stamp or held.privacy or held.reference or held.pattern:
            continue
        for value in _others(held, record[held.name]):
            found = mended(contract, record | {held.name: value}, {held.name, *contract.key, contract.stamp or ""})
            if found:
                return found
    raise AssertionError(f"{contract.name}: no field can be told otherwise")


def _others(held: ContractField, value: Any) -> list[Any]:
    if held.allowed:
        return [other for other in held.allowed if other != value]
    if held.type == "str":
        return ["something else"]
    if held.type in {"int", "float"}:
        return [number for number in (held.ge or 0, (held.ge or 0) + 1) if number != value]
    return [not value] if held.type == "bool" else []
