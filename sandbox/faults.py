"""Finds the planned faults' records and writes what is sent in their place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sandbox.clock import first_seen_on, now_on
from sandbox.fault_plan import FAULTS, Fault
from sandbox.feed import Feed, Record
from sandbox.spoiling import stamped
from sandbox.world import World

MENDED_BEFORE = timedelta(hours=2)
"""A mended record was saved so long before the 06:30 state in which it comes again."""


def located(feed: Feed, world: World, known: Sequence[Any]) -> dict[str, Fault]:
    """The faults planned for a feed up to the world's day, by the key of the record that each falls on."""
    planned = [fault for fault in FAULTS if fault.feed == feed.id and fault.day <= world.day]
    found = {}
    for day in {fault.day for fault in planned}:
        new = [event for event in known if first_seen_on(event.known_at) == day]
        new.sort(key=lambda event: (event.known_at, event.key))
        found.update({new[-1 - fault.nth].key: fault for fault in planned if fault.day == day})
    return found


def is_mended(fault: Fault, day: int) -> bool:
    """Whether the record is good again on a day."""
    return fault.mended_on is not None and fault.mended_on <= day


def _mended(feed: Feed, fault: Fault, record: Record) -> Record:
    """The good record with the stamp of its mending; one without stamp is simply good again."""
    if feed.write_stamp is None or fault.mended_on is None:
        return record
    saved_at = now_on(fault.mended_on) - MENDED_BEFORE
    return stamped(record, feed.stamp, feed.write_stamp(saved_at))


def with_faults(feed: Feed, world: World, known: Sequence[Any]) -> list[Record]:
    """The records of a feed as they are sent, the planned faults among them."""
    faults = located(feed, world, known)
    sent: list[Record] = []
    for event in feed.shown(known, world.now):
        record, fault = feed.record(event, world.now), faults.get(event.key)
        if fault is None:
            sent.append(record)
        elif is_mended(fault, world.day):
            sent.append(_mended(feed, fault, record))
        else:
            sent.extend(fault.spoil(record))
    return sent
