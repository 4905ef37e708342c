"""What is replayed: set-aside records whose kept pages are judged again, by today's contract, mapping and city lists.

A replay is a delivery of its own. Its id is made of the original's and of the terms it is judged by, so that the same
terms never replay anything twice. A delivery that was refused is judged again as a whole, rules of deliveries included;
of one that was accepted, only the records that still wait are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from cities import City, home, now
from contracts import WAIVABLE, terms_of
from extractors import Waiver, keep_again
from lake.connection import connect
from lake.errors import ReplayError
from lake.tables import prepare

WAITING = """
    WITH judged AS (
        SELECT feed, coalesce(replays, delivery_id) AS delivery_id, list(DISTINCT terms) AS terms,
            bool_and(verdict = 'refused') AS is_whole, any_value(place) FILTER (replays IS NULL) AS place
        FROM ops.delivery GROUP BY ALL
    )
    SELECT feed, delivery_id, count(*), CASE WHEN NOT is_whole THEN list(rec ORDER BY rec) END, place, terms
    FROM ops.set_aside_open JOIN judged USING (feed, delivery_id)
    WHERE feed IN (SELECT unnest($feeds)) GROUP BY feed, delivery_id, fetched_at, is_whole, place, terms
    ORDER BY fetched_at, feed, delivery_id"""
REFUSALS = """
    SELECT DISTINCT rule FROM ops.finding JOIN ops.delivery USING (feed, delivery_id)
    WHERE feed = $feed AND coalesce(replays, delivery_id) = $delivery AND strength = 'refuse' AND rec IS NULL
    ORDER BY rule"""
LATER = """
    SELECT later.delivery_id FROM ops.delivery AS later JOIN ops.delivery AS one USING (feed)
    WHERE feed = $feed AND one.delivery_id = $delivery AND later.verdict = 'accepted'
        AND later.fetched_at > one.fetched_at ORDER BY later.fetched_at DESC LIMIT 1"""


@dataclass(frozen=True)
class Waiting:
    """A delivery with records that wait: how many, which (None: all of a refused one), and by what it was judged."""

    feed: str
    delivery_id: str
    count: int
    recs: list[int] | None
    place: Path
    terms: frozenset[str]

    @property
    def is_kept(self) -> bool:
        """Whether its pages are still there; past their time they are removed."""
        return self.place.exists()


@dataclass(frozen=True)
class Replay:
    """A replay to be made: of what, under which id."""

    of: Waiting
    delivery_id: str

    def keep(self, city: City, waived: list[Waiver]) -> Path:
        """Keep it as a delivery, ready to be checked and loaded, and return its folder."""
        return keep_again(self.of.place, city.feeds[self.of.feed], self.delivery_id, self.of.recs, waived)


@dataclass(frozen=True)
class Plan:
    """What is to be replayed, and what waits for something to be mended first."""

    replays: list[Replay]
    unmended: list[Waiting]


def plan(city: City, feeds: Sequence[str], delivery_id: str | None = None, accepted: Sequence[str] = ()) -> Plan:
    """Plan the replays of feeds, or of one delivery, the oldest first; nothing is written.

    `accepted` are rules of deliveries that a person lifts for that one delivery. Raises ReplayError where no such
    delivery waits, and where a rule cannot be lifted for it.
    """
    waiting = find_waiting(feeds)
    if delivery_id is not None:
        waiting = [_named(delivery_id, waiting, feeds)]
    if accepted:
        _refuse_unfit(city, waiting, delivery_id, accepted)
    todo, unmended = [], []
    for one in (one for one in waiting if one.is_kept):
        terms = terms_of(one.feed, city.feeds[one.feed], city, accepted)
        if terms in one.terms:
            unmended.append(one)
        else:
            todo.append(Replay(one, f"{one.delivery_id}-replay-{terms[:8]}"))
    return Plan(todo, unmended)


def find_waiting(feeds: Sequence[str]) -> list[Waiting]:
    """Return the deliveries of these feeds that have open set-aside records, the oldest first."""
    prepare()
    with connect() as connection:
        rows = connection.execute(WAITING, {"feeds": list(feeds)}).fetchall()
    return [
        Waiting(feed, delivery_id, count, recs, home() / place, frozenset(filter(None, terms)))
        for feed, delivery_id, count, recs, place, terms in rows
    ]


def waive(rules: Sequence[str], note: str, who: str) -> list[Waiver]:
    """Return the waivers of rules, as of now; raises ReplayError where nobody says why."""
    if rules and not note.strip():
        raise ReplayError(f"say why {', '.join(rules)} is accepted, as the department did, in the note")
    return [Waiver(rule=rule, note=note, who=who, at=now()) for rule in rules]


def _named(delivery_id: str, waiting: list[Waiting], feeds: Sequence[str]) -> Waiting:
    found = [one for one in waiting if one.delivery_id == delivery_id]
    if len(found) > 1:
        raise ReplayError(f"{delivery_id} is a delivery of {', '.join(one.feed for one in found)}; name one of them")
    if not found:
        near = get_close_matches(delivery_id, [one.delivery_id for one in waiting], 1)
        hint = f"did you mean {near[0]}?" if near else "`civiclake status FEED` tells what waits"
        raise ReplayError(f"nothing of a delivery {delivery_id} of {', '.join(feeds)} waits; {hint}")
    if not found[0].is_kept:
        raise ReplayError(f"{found[0].feed}/{delivery_id}: its pages are past their time; they can be replayed no more")
    return found[0]


def _refuse_unfit(city: City, waiting: list[Waiting], delivery_id: str | None, accepted: Sequence[str]) -> None:
    """Raise ReplayError where these rules cannot be lifted for this delivery."""
    for rule in accepted:
        if rule not in WAIVABLE:
            near = get_close_matches(rule, WAIVABLE, 1)
            hint = f"did you mean {near[0]}?" if near else f"those are {', '.join(WAIVABLE)}"
            raise ReplayError(f"no rule {rule!r} of whole deliveries can be accepted; {hint}")
    if delivery_id is None:
        raise ReplayError("a rule is accepted for one delivery; name it with --delivery")
    (one,) = waiting
    values = {"feed": one.feed, "delivery": one.delivery_id}
    with connect() as connection:
        refusals = [rule for (rule,) in connection.execute(REFUSALS, values).fetchall()]
        later = connection.execute(LATER, values).fetchone()
    if one.recs is not None or not set(accepted) <= set(refusals):
        why = f"but for {', '.join(refusals)}" if one.recs is None else "or is loaded since"
        raise ReplayError(f"{one.feed}/{one.delivery_id} was not refused for {', '.join(accepted)}, {why}")
    if later is not None and city.feeds[one.feed].snapshot:
        raise ReplayError(f"{one.feed}/{one.delivery_id}: overtaken by {later[0]}, which was fetched later and loaded")
