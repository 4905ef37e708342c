from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from cities import Feed
from extractors import Delivery, FetchError, Receipt, fetch
from extractors.draft import Draft
from tests.extractors.conftest import DELIVERY
from tests.extractors.little_server import Call, LittleServer, Reply

Fetched = Callable[..., Delivery]
PROJECT = Path(__file__).resolve().parents[2]


def store(server: LittleServer, pages: int) -> dict[str, Any]:
    """Serve a store of so many pages of two records."""

    def answer(call: Call) -> Reply:
        start = int(call.params["offset"])
        rows = [{"_id": row, "name": "Ada"} for row in range(pages * 2)[start : start + 2]]
        return Reply({"success": True, "result": {"records": rows, "total": pages * 2}})

    server.answer = answer
    return {"system": "ckan", "url": server.url, "resource_id": "permits", "page_size": 2}


def left_behind(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "deliveries" / "office__feed").iterdir())


def test_a_delivery_is_its_pages_and_a_receipt(server: LittleServer, fetched: Fetched, lake_home: Path) -> None:
    delivery = fetched(**store(server, 2))
    assert delivery.place == lake_home / "deliveries" / "office__feed" / DELIVERY
    assert [page.name for page in delivery.pages] == ["00000.json", "00001.json"]
    receipt = delivery.receipt
    hashes = [hashlib.sha256(page.read_bytes()).hexdigest() for page in delivery.pages]
    assert [page.sha256 for page in receipt.pages] == hashes
    assert receipt.sha256 == hashlib.sha256("".join(hashes).encode()).hexdigest()
    assert receipt.bytes == sum(len(page.read_bytes()) for page in delivery.pages)
    assert receipt.fetched_at.isoformat() == "2026-10-26T11:30:00+00:00"
    assert (receipt.feed, receipt.delivery_id, receipt.system) == ("office__feed", DELIVERY, "ckan")
    assert Receipt.read(delivery.place / "receipt.json") == receipt


def test_a_sample_is_some_pages_and_says_nothing_of_the_rest(server: LittleServer) -> None:
    alone = {**store(server, 5), "parallel": 1}
    terms = {"title": {"en": "Feed"}, "contract": "none", "due": "06:30", "fields": {}, **alone}
    feed: Any = TypeAdapter(Feed).validate_python(terms)
    place = fetch("office__feed", feed, DELIVERY, cursor=None, time_zone="America/Chicago", most_pages=2)
    receipt = Receipt.read(place)
    assert (receipt.records, receipt.source_count, len(server.calls)) == (4, None, 2)
    assert not receipt.moves_cursor
    assert not receipt.complete_snapshot


def test_the_folder_is_for_its_owner_only(server: LittleServer, fetched: Fetched) -> None:
    place = fetched(**store(server, 1)).place
    for folder in (place, place.parent, place.parent.parent, place / "pages"):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_delivery_that_is_there_is_not_asked_for_again(server: LittleServer, fetched: Fetched) -> None:
    first = fetched(**store(server, 2))
    calls = len(server.calls)
    assert fetched(**store(server, 5)).receipt == first.receipt
    assert len(server.calls) == calls


def test_a_failure_between_pages_leaves_nothing(server: LittleServer, fetched: Fetched, lake_home: Path) -> None:
    told = store(server, 3)
    whole = server.answer
    server.answer = lambda call: Reply(status=500) if call.params["offset"] == "4" else whole(call)
    with pytest.raises(FetchError, match="office__feed: .*answered 500"):
        fetched(**told)
    assert left_behind(lake_home) == []


KILLED = """
    import os, sys
    from pydantic import TypeAdapter
    from cities import Feed
    from extractors import draft, fetch

    keep = draft.Draft.keep
    def keep_then_die(written, *args):
        keep(written, *args)
        os.kill(os.getpid(), 9)
    draft.Draft.keep = keep_then_die
    feed = TypeAdapter(Feed).validate_json(sys.argv[1])
    fetch("office__feed", feed, "{delivery}", cursor=None, time_zone="America/Chicago")
"""


def test_a_kill_between_pages_leaves_nothing_that_is_seen_and_the_next_fetch_cleans_up(
    server: LittleServer, fetched: Fetched, lake_home: Path
) -> None:
    told = {"title": {"en": "Feed"}, "contract": "any", "due": "06:30", "fields": {}, **store(server, 3)}
    script = textwrap.dedent(KILLED).replace("{delivery}", DELIVERY)
    killed = subprocess.run([sys.executable, "-c", script, json.dumps(told)], cwd=PROJECT, env={**os.environ})
    assert killed.returncode == -signal.SIGKILL
    draft = left_behind(lake_home)
    assert len(draft) == 1 and draft[0].startswith(f".{DELIVERY}.")
    assert fetched(**store(server, 3)).receipt.records == 6
    assert left_behind(lake_home) == [DELIVERY]


def test_the_draft_of_a_living_process_or_another_machine_is_left_alone(
    server: LittleServer, fetched: Fetched, lake_home: Path
) -> None:
    feed = lake_home / "deliveries" / "office__feed"
    drafts = [f".20261025T113000Z.{socket.gethostname()}.{os.getppid()}", ".20261025T113000Z.elsewhere.999999999"]
    for draft in drafts:
        (feed / draft).mkdir(parents=True)
    fetched(**store(server, 1))
    assert left_behind(lake_home) == sorted([*drafts, DELIVERY])


def test_of_two_fetches_at_once_the_first_delivery_stands(
    server: LittleServer, fetched: Fetched, lake_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = fetched(**store(server, 1))
    away = first.place.rename(lake_home / "away")
    publish = Draft.publish

    def overtaken(draft: Draft, receipt: Receipt) -> Path:
        away.rename(first.place)
        return publish(draft, receipt)

    monkeypatch.setattr(Draft, "publish", overtaken)
    assert fetched(**store(server, 2)).receipt == first.receipt
    assert left_behind(lake_home) == [DELIVERY]


def test_a_full_disk_is_told_and_leaves_nothing(
    server: LittleServer, fetched: Fetched, lake_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FetchError, match="could not be kept .No space left on device at .*free space") as failure:
        fetched(**store(server, 1))
    assert failure.value.temporary
    assert left_behind(lake_home) == []


@pytest.mark.parametrize("delivery_id", ["../escape", ".hidden", "", "a/b"])
def test_a_name_that_leads_elsewhere_is_refused(read_feed: Callable[..., Any], delivery_id: str) -> None:
    feed = read_feed(system="json", url="http://127.0.0.1:9/")
    with pytest.raises(FetchError, match="cannot name a delivery"):
        fetch("office__feed", feed, delivery_id, cursor=None, time_zone="America/Chicago")


@pytest.mark.parametrize(("counted", "moves"), [(None, True), (3, True), (4, True), (5, False)])
def test_the_cursor_does_not_pass_records_that_the_source_counts_and_did_not_send(
    server: LittleServer, fetched: Fetched, counted: int | None, moves: bool
) -> None:
    told = store(server, 2)
    whole = server.answer

    def miscounted(call: Call) -> Reply:
        reply = whole(call)
        reply.body["result"]["total"] = counted
        return reply

    server.answer = miscounted
    receipt = fetched(**told).receipt
    assert (receipt.records, receipt.source_count, receipt.moves_cursor) == (4, counted, moves)


def test_the_log_has_one_line_a_page_and_no_record(
    server: LittleServer, fetched: Fetched, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "civiclake.fetch"):
        fetched(**store(server, 2))
    assert [line.split(":")[0] for line in caplog.messages] == [f"office__feed {DELIVERY}"] * 2
    assert "Ada" not in caplog.text


def test_big_answers_wait_on_the_disk_beside_the_delivery_and_not_in_memory(
    server: LittleServer, fetched: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    from extractors import session

    monkeypatch.setattr(session, "IN_MEMORY", 10)
    assert fetched(**store(server, 2)).receipt.records == 4


def test_an_address_that_is_a_secret_is_named_by_its_variable(
    server: LittleServer, fetched: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICE_URL", f"{server.url}/hooks/geheim?key=hidden")
    with pytest.raises(FetchError, match="office__feed: the address in VOICE_URL: the source answered 404") as failure:
        fetched(system="syndication", url_env="VOICE_URL")
    assert "geheim" not in str(failure.value) and "hidden" not in str(failure.value)
    monkeypatch.setenv("VOICE_URL", f"{server.url}/geheim/")
    with pytest.raises(FetchError, match="office__feed: the address in VOICE_URL") as failure:
        fetched(system="arcgis", url_env="VOICE_URL")
    assert "geheim" not in str(failure.value)


@pytest.mark.parametrize(
    ("system", "more"),
    [
        ("syndication", {}),
        ("mqtt", {"topics": ["a"]}),
        ("sftp", {"host_key": "SHA256:" + "k" * 43, "password_env": "P", "glob": "*", "format": "json"}),
    ],
)
@pytest.mark.parametrize("secret", ["user:geheim/pw@host/x", "user:geheim℀@host/x"])
def test_what_is_no_address_is_told_without_its_parts(
    fetched: Fetched, monkeypatch: pytest.MonkeyPatch, system: str, more: dict[str, Any], secret: str
) -> None:
    scheme = {"syndication": "https"}.get(system, system)
    monkeypatch.setenv("VOICE_URL", f"{scheme}://{secret}")
    with pytest.raises(FetchError, match="no address; correct the feed's url") as failure:
        fetched(system=system, url_env="VOICE_URL", **more)
    assert "geheim" not in str(failure.value)
