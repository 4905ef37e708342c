"""Whatever the order of deliveries, mends, replays and interruptions: what became of every record is told, once."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest

BEGIN = datetime(2026, 10, 26, 11, 42, tzinfo=UTC)
CODES, MORE_CODES = 'codes: ["1", "2"]', 'codes: ["1", "2", "3"]'
ORDINARY = "FROM ops.delivery WHERE replays IS NULL AND verdict = 'accepted'"


class Killed(Exception):
    """Stands for the end of the process before the commit."""


def be_killed(*_: object) -> None:
    """Take the place of the last step before the commit."""
    raise Killed


class Days:
    """Days at an office, each step drawn by lot."""

    def __init__(self, office, record, seed: int, has_stamp: bool) -> None:
        self.office, self.record, self.has_stamp = office, record, has_stamp
        self.lot = random.Random(seed)
        self.day = 0
        self.newest: dict[str, str] = {}
        self.is_mended = False

    def deliver(self) -> None:
        """Records of the day come, some of an unknown district, some twice."""
        self.day += 1
        at = BEGIN + timedelta(days=self.day)
        self.office.at(at.isoformat())
        stamp = (at - timedelta(hours=1)).isoformat() if self.has_stamp else None
        sent = [
            self.record(number, area=self.lot.choice("13"), changed=stamp, kind=f"of day {self.day}")
            for number in self.lot.sample(range(5), 3)
        ]
        self.newest |= {one["id"]: one["kind"] for one in sent}
        self.office.deliver("requests", f"d{self.day}", [*sent, *self.lot.sample(sent, 1)])

    def change_terms(self) -> None:
        """The city's list of districts gets longer, or short again."""
        before, after = (MORE_CODES, CODES) if self.is_mended else (CODES, MORE_CODES)
        self.office.mend("city", before, after)
        self.is_mended = not self.is_mended

    def replay(self) -> None:
        """What waits is replayed, in any order."""
        places = self.office.keep_replays("requests")
        for place in self.lot.sample(places, len(places)):
            self.office.load("requests", place)

    def stop_halfway(self) -> None:
        """Some replays are kept, and never loaded."""
        self.office.keep_replays("requests")

    def die(self) -> None:
        """A replay ends before its commit."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(import_module("lake.load"), "_sign", be_killed)
            for place in self.office.keep_replays("requests"):
                with pytest.raises(Killed):
                    self.office.load("requests", place)


def assert_all_is_told(office) -> None:
    astray = "received <> accepted + unchanged + duplicate + set_aside"
    assert office.ask(f"SELECT delivery_id FROM ops.delivery WHERE {astray}") == []
    versions = office.ask("SELECT _delivery_id, count(*) FROM records.service_request GROUP BY 1 ORDER BY 1")
    assert versions == office.ask("SELECT delivery_id, accepted FROM ops.delivery WHERE accepted > 0 ORDER BY 1")
    pointers = office.ask("SELECT delivery_id, count(*) FROM ops.set_aside GROUP BY 1 ORDER BY 1")
    assert pointers == office.ask(f"SELECT delivery_id, set_aside {ORDINARY} AND set_aside > 0 ORDER BY 1")
    events = Counter((delivery, rec) for delivery, rec, _, _ in office.events())
    closed = {(delivery, rec) for delivery, rec, _ in office.open()} | set(events)
    assert set(events.values()) <= {1}
    assert closed == set(office.ask("SELECT delivery_id, rec FROM ops.set_aside"))


def current(office, has_stamp: bool) -> dict[str, str]:
    newest = "(updated_at, _loaded_at)" if has_stamp else "_loaded_at"
    rows = office.ask(f"SELECT request_id, arg_max(service_code, {newest}) FROM records.service_request GROUP BY 1")
    return dict(rows)


@pytest.mark.parametrize("catalogue", ["sqlite"], indirect=True)
@pytest.mark.parametrize("has_stamp", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_every_record_is_loaded_once_or_waits_or_was_closed(office, request_record, seed, has_stamp):
    days = Days(office, request_record, seed, has_stamp)
    days.deliver()
    for _ in range(10):
        days.lot.choice([days.deliver, days.deliver, days.change_terms, days.replay, days.stop_halfway, days.die])()
        assert_all_is_told(office)
    if not days.is_mended:
        days.change_terms()
    days.replay()
    assert_all_is_told(office)
    assert office.open() == []
    assert current(office, has_stamp) == days.newest
    before = office.ask("FROM ops.delivery ORDER BY ALL"), office.events()
    days.replay()
    assert (office.ask("FROM ops.delivery ORDER BY ALL"), office.events()) == before
