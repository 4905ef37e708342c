"""The rules that look at a delivery as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import polars as pl

from cities import Feed
from contracts.checked import CHECK, Tally
from contracts.findings import FINDING
from contracts.layout import LayoutChange
from contracts.mapping import Mapping
from contracts.rules import GENERAL, Rule
from extractors.delivery import Receipt, Waiver

ENOUGH = 20
"""Values or records below which a share says nothing."""

HALF = 0.5

WAIVABLE = ("layout_added", "layout_removed", "retyped", "row_count", "set_aside_share", "short_snapshot")
"""The rules that a person may lift for one delivery, after asking the department; a damaged page is not whole."""


@dataclass(frozen=True)
class DeliveryMark:
    """One rule applied to a delivery: what it found, if anything; `ran` is false where nothing could be compared."""

    rule: Rule
    message: str | None = None
    field: str | None = None
    sender_field: str | None = None
    expected: str | None = None
    ran: bool = True
    example: str | None = None

    @property
    def refuses(self) -> bool:
        """Whether the delivery is refused for it."""
        return self.message is not None and self.rule.strength == "refuse"


@dataclass(frozen=True)
class Came:
    """What came: counts of a delivery, how its fields changed, how its pages were found to be written.

    `was` and `shapes` say how the values of the fields were written in the delivery before, and are in this one.
    `is_whole` is true when all records of the source were asked for; `may_lack` is why it may have lost some itself.
    """

    received: int
    bad: int
    source_count: int | None
    change: LayoutChange
    is_first: bool
    encodings: dict[str, bool]
    was: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, str] = field(default_factory=dict)
    is_whole: bool = False
    may_lack: str | None = None


def judge_delivery(feed: Feed, mapping: Mapping, came: Came) -> list[DeliveryMark]:
    """Apply all rules of deliveries; the feed's own policy decides how hard a changed layout is."""
    marks = [
        *_removed(feed, mapping, came.change),
        *_added(feed, came),
        *_reworded(mapping, came),
        *_guessed(came),
        *_retyped(mapping, came),
        *_row_count(feed, came.received),
        _count_mismatch(came),
        _empty_answer(came),
        *([DeliveryMark(GENERAL["possible_gap"], came.may_lack)] if came.may_lack else []),
    ]
    # records broken by a changed layout are no second reason
    return marks if any(mark.refuses for mark in marks) else [*marks, _set_aside_share(came)]


def encodings(receipt: Receipt) -> dict[str, bool]:
    """Return how the texts of a delivery were found to be written, and of each whether it is a guess."""
    return {page.encoding: page.is_guess for page in receipt.pages if page.encoding}


def retyped_fields(tally: Tally) -> list[str]:
    """Return the fields of which half of the given values or more could not be read: the source changed them."""
    return [
        name
        for (rule, name), failed in tally.failed.items()
        if rule == "unreadable" and tally.checked[rule, name] >= ENOUGH and failed >= HALF * tally.checked[rule, name]
    ]


def unreadable_page(wrong: str) -> DeliveryMark:
    """Return the mark of a page that is not what its layout says."""
    return DeliveryMark(GENERAL["unreadable_page"], wrong, expected="a whole page in the agreed format")


def waive(mark: DeliveryMark, waived: list[Waiver]) -> DeliveryMark:
    """Return a mark as a warning where a person has lifted its rule for this delivery."""
    if mark.rule.id not in {one.rule for one in waived}:
        return mark
    return replace(mark, rule=replace(mark.rule, strength="warn"))


def told(marks: list[DeliveryMark]) -> pl.DataFrame:
    """Tell what was found as findings without a record."""
    rows = [
        (
            None,
            mark.rule.id,
            mark.rule.dimension,
            mark.rule.strength,
            mark.field,
            mark.sender_field,
            mark.example,
            mark.expected,
            mark.message,
        )
        for mark in marks
        if mark.message
    ]
    return pl.DataFrame(rows, schema=FINDING, orient="row")


def checks(marks: list[DeliveryMark]) -> pl.DataFrame:
    """Return one row for each rule and field, those that passed and those that could not run included."""
    rows = [
        (
            mark.rule.id,
            mark.field,
            mark.sender_field,
            mark.rule.dimension,
            mark.rule.strength,
            _status(mark),
            int(mark.ran),
            int(mark.message is not None),
        )
        for mark in marks
    ]
    return pl.DataFrame(rows, schema=CHECK, orient="row")


def _status(mark: DeliveryMark) -> str:
    if not mark.ran:
        return "not_run"
    if mark.message is None:
        return "pass"
    return "warn" if mark.rule.strength == "warn" else "fail"


def _removed(feed: Feed, mapping: Mapping, change: LayoutChange) -> Iterator[DeliveryMark]:
    rule = replace(GENERAL["layout_removed"], strength=feed.layout.removed)
    news = dict(change.renamed)
    for name in change.removed:
        for made in (made for made in mapping.fields if name in mapping.read_by(made)):
            near = f"; {news[name]!r} may be its new name" if name in news else ""
            message = f"the field {name!r}, which {made} is read from, did not come{near}"
            yield DeliveryMark(rule, message, made, name, f"the field {name!r}")
    if not change.removed:
        yield DeliveryMark(rule)


def _added(feed: Feed, came: Came) -> Iterator[DeliveryMark]:
    policy = feed.layout.added
    if policy == "ignore":
        return
    rule = replace(GENERAL["layout_added"], strength=policy)
    for name in came.change.added:
        message = f"the source sends the new field {name!r}; map it under `fields`, or name it under `keep`"
        yield DeliveryMark(rule, message, None, name)
    if not came.change.added:
        yield DeliveryMark(rule, ran=not came.is_first)


def _reworded(mapping: Mapping, came: Came) -> Iterator[DeliveryMark]:
    rule = GENERAL["layout_reworded"]
    for usual, other in came.change.reworded:
        for made in (made for made in mapping.fields if usual in mapping.read_by(made)):
            yield DeliveryMark(rule, f"{made} is read from {other!r} now, which was {usual!r}", made, other, usual)
    if not came.change.reworded and any(len(held.wordings) > 1 for held in mapping.fields.values()):
        yield DeliveryMark(rule)


def _guessed(came: Came) -> Iterator[DeliveryMark]:
    rule = GENERAL["encoding_guessed"]
    for name in sorted(name for name, is_guess in came.encodings.items() if is_guess):
        message = f"the text was read as {name}, which is a guess; if it is right, name it as the feed's `encoding`"
        yield DeliveryMark(rule, message, expected="an encoding named in the city file, or UTF-8")
    if came.encodings and not any(came.encodings.values()):
        yield DeliveryMark(rule)


def _retyped(mapping: Mapping, came: Came) -> Iterator[DeliveryMark]:
    for name in came.change.retyped:
        was, now = came.was.get(name), came.shapes.get(name)
        told = f": {now}, before {was}" if was and now and was != now else ""
        message = f"half or more of the values of {name} cannot be read: the source writes them another way now{told}"
        yield DeliveryMark(GENERAL["retyped"], message, name, mapping.senders[name], expected=was, example=now)
    if not came.change.retyped:
        yield DeliveryMark(GENERAL["retyped"])


def _row_count(feed: Feed, received: int) -> Iterator[DeliveryMark]:
    least, most = feed.rows.min, feed.rows.max
    if least is None and most is None:
        return
    outside = (least is not None and received < least) or (most is not None and received > most)
    usual = " and ".join(
        part
        for part in (f"at least {least}" if least is not None else "", f"at most {most}" if most is not None else "")
        if part
    )
    message = f"{received} records came, {usual} are usual" if outside else None
    yield DeliveryMark(GENERAL["row_count"], message, expected=f"{usual} records")


def _count_mismatch(came: Came) -> DeliveryMark:
    rule = GENERAL["count_mismatch"]
    if came.source_count is None:
        return DeliveryMark(rule, ran=False)
    message = f"{came.received} records came, the source counts {came.source_count}"
    return DeliveryMark(rule, message if came.received != came.source_count else None, expected=str(came.source_count))


def _empty_answer(came: Came) -> DeliveryMark:
    message = "all records were asked for and none came; ask the department whether that is right"
    is_empty = came.is_whole and not came.received
    return DeliveryMark(GENERAL["empty_answer"], message if is_empty else None, ran=came.is_whole)


def _set_aside_share(came: Came) -> DeliveryMark:
    broken = came.received >= ENOUGH and came.bad > HALF * came.received
    message = f"{came.bad} of {came.received} records broke a rule" if broken else None
    return DeliveryMark(GENERAL["set_aside_share"], message, expected="at most half of the records")
