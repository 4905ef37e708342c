"""Messages leave by real mail, HTTP and files; again is the same, and one that fails does not keep the others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from cities import home
from dags import watching
from dags.notifiers import FileNotifier
from lake import connect, prepare
from lake.outbox import mark_sent
from reports.alert_message import CAP, cap, html, subject
from tests.dags.mailbox import Hook, Mailbox, posted_to, receiving

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CITY = """\
title: {en: Testville, zh: 测试市}
time_zone: America/Chicago
areas: {kind: {en: district, zh: 区}, codes: ["1", "2"]}
contact: {name: Data Office, email: data@city.example}
alerts: {status: Exercise, owners: {fire: {email: duty@city.example, webhook_env: FIRE_HOOK}}}
"""
FIRE = """\
title: {en: Fire}
steward: f@city.example
schedule: "0 5 * * *"
legal_basis: law
feeds: {}
"""
ORDER = [
    "identifier", "sender", "sent", "status", "msgType", "source", "scope", "restriction", "addresses", "code", "note",
    "references", "incidents", "info",
]  # fmt: skip
INFO_ORDER = [
    "language", "category", "event", "responseType", "urgency", "severity", "certainty", "audience", "eventCode",
    "effective", "onset", "expires", "senderName", "headline", "description", "instruction", "web", "contact",
    "parameter", "resource", "area",
]  # fmt: skip
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d"


def content(**changes: Any) -> dict[str, Any]:
    alert = {
        "alert_id": "t-1", "rule": "no_unit", "department": "fire", "area_code": "1", "subject": "F1", "event": "Call",
        "event_zh": "呼叫", "category": "Rescue", "urgency": "Immediate", "severity": "Severe", "certainty": "Observed",
        "headline": "Call {{ F1 }} <waits> & waits", "headline_zh": "呼叫 F1", "description": "told",
        "description_zh": "说明", "figures": {"n": 1}, "snapshot_id": 7, "onset_at": "2026-11-23T05:55:00-06:00",
    }  # fmt: skip
    return {
        "identifier": "t-1-1", "sender": "data@city.example", "sender_name": "Data Office",
        "sent": "2026-11-23T06:00:00-06:00", "status": "Exercise", "kind": "alert", "msg_type": "Alert",
        "references": [], "note": "", "area_kind": {"en": "district", "zh": "区"}, "city": {"en": "Testville"},
        "department": {"en": "Fire"}, "alerts": [alert], **changes,
    }  # fmt: skip


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with receiving() as mailbox:
        address = f"smtp://127.0.0.1:{mailbox.port}/?disable_ssl=true&disable_tls=true&retry_limit=1"
        monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", address)
        yield mailbox


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    with posted_to() as hook:
        monkeypatch.setenv("FIRE_HOOK", hook.url)
        yield hook


@pytest.fixture
def outbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One message that waits for a mail address, a webhook and the file."""
    (tmp_path / "city.yml").write_text(CITY)
    (tmp_path / "fire.yml").write_text(FIRE)
    monkeypatch.setenv("CIVICLAKE_CITY", str(tmp_path))
    monkeypatch.setenv("CIVICLAKE_NOW", NOW.isoformat())
    prepare()
    with connect() as sql:
        told = json.dumps(content(), ensure_ascii=False)
        sql.execute("INSERT INTO ops.alert_message VALUES ('t-1-1', 't-1', 'alert', 'fire', ?, ?)", [told, NOW])
        for channel, recipient in (("file", ""), ("email", "duty@city.example"), ("webhook", "FIRE_HOOK")):
            sql.execute(
                "INSERT INTO ops.alert_delivery VALUES ('t-1-1', ?, ?, 'waiting', 0, NULL, ?, NULL)",
                [channel, recipient, NOW],
            )


def states() -> dict[str, tuple[Any, ...]]:
    with connect() as sql:
        rows = sql.execute("SELECT channel, state, attempts, problem FROM ops.alert_delivery").fetchall()
    return {row[0]: row[1:] for row in rows}


@pytest.mark.usefixtures("outbox")
def test_a_message_goes_out_once_by_every_channel(mailbox: Mailbox, hook: Hook) -> None:
    assert watching.send("run") == {"sent": 3}
    assert watching.send("again") == {"sent": 0}
    [(recipient, mail)] = mailbox.mails
    assert (recipient, mail["Message-ID"]) == ("duty@city.example", "<t-1-1@city.example>")
    assert str(mail["Subject"]) == "[EXERCISE] Alert: Call {{ F1 }} <waits> & waits"
    [(headers, body)] = hook.posts
    assert (headers["idempotency-key"], headers["content-type"]) == ("t-1-1", "application/cap+xml")
    assert [file.name for file in (home() / "alerts").iterdir()] == ["t-1-1.xml"]
    assert (home() / "alerts" / "t-1-1.xml").read_bytes() == body == cap(content())


@pytest.mark.usefixtures("outbox")
def test_one_that_fails_is_tried_again_and_the_others_are_not_sent_twice(mailbox: Mailbox, hook: Hook) -> None:
    mailbox.refuses, hook.status = True, 503
    with pytest.raises(watching.SomeFailed, match="FIRE_HOOK answered 503") as told:
        watching.send("run")
    assert hook.url not in str(told.value)
    assert states()["file"] == ("sent", 1, None)
    assert states()["webhook"] == ("waiting", 1, "the webhook of FIRE_HOOK answered 503")
    assert states()["email"][:2] == ("waiting", 1)
    mailbox.refuses, hook.status = False, 200
    assert watching.send("again") == {"sent": 2}
    assert [key["idempotency-key"] for key, _ in hook.posts] == ["t-1-1", "t-1-1"]
    assert len(mailbox.mails) == 1


@pytest.mark.usefixtures("outbox", "mailbox")
@pytest.mark.parametrize("status", [301, 307, 404])
def test_a_webhook_that_leads_elsewhere_has_not_taken_it(hook: Hook, status: int) -> None:
    hook.status = status
    with pytest.raises(watching.SomeFailed, match=str(status)):
        watching.send("run")


@pytest.mark.usefixtures("outbox", "mailbox")
def test_a_webhook_that_is_not_there_is_told_without_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRE_HOOK", "http://127.0.0.1:1/secret-path")
    with pytest.raises(watching.SomeFailed, match="cannot be reached: ConnectionError") as told:
        watching.send("run")
    assert "secret-path" not in str(told.value)
    monkeypatch.delenv("FIRE_HOOK")
    with pytest.raises(watching.SomeFailed, match="FIRE_HOOK is not set"):
        watching.send("again")


@pytest.mark.usefixtures("outbox")
def test_killed_between_sending_and_noting_it_the_same_message_goes_out_again(
    mailbox: Mailbox, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lake.outbox.mark_sent", killed)
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            watching.send("run")
    monkeypatch.setattr("lake.outbox.mark_sent", mark_sent)
    assert watching.send("again") == {"sent": 3}
    assert {mail["Message-ID"] for _, mail in mailbox.mails} == {"<t-1-1@city.example>"}
    assert len({body for _, body in hook.posts}) == 1
    assert [file.name for file in (home() / "alerts").iterdir()] == ["t-1-1.xml"]


def test_a_file_that_was_half_written_is_never_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        FileNotifier("t-1", b"half").notify({})
    assert list((home() / "alerts").glob("*.xml")) == []


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_a_document_is_cap_with_its_elements_in_order(language: str) -> None:
    import re

    told = content(kind="escalation", msg_type="Update", references=[["t-1-0", "2026-11-23T05:58:00-06:00"]])
    alert = ElementTree.fromstring(cap(told))
    names = [child.tag.removeprefix(f"{{{CAP}}}") for child in alert]
    assert names == sorted(names, key=ORDER.index)
    assert names.count("info") == 2
    assert re.fullmatch(STAMP, str(text(alert, "sent")))
    assert text(alert, "references") == "data@city.example,t-1-0,2026-11-23T05:58:00-06:00"
    assert not set(" ,<&") & set(str(text(alert, "identifier")) + str(text(alert, "sender")))
    [info] = [one for one in alert.findall(f"{{{CAP}}}info") if text(one, "language") == language]
    inside = [child.tag.removeprefix(f"{{{CAP}}}") for child in info]
    assert inside == sorted(inside, key=INFO_ORDER.index)
    assert {"category", "event", "urgency", "severity", "certainty", "area"} <= set(inside)
    assert re.fullmatch(STAMP, str(text(info, "onset")))
    assert all(child.text or len(child) for child in [*alert, *info])


def text(element: ElementTree.Element, name: str) -> str | None:
    return element.findtext(f"{{{CAP}}}{name}")


def test_a_digest_names_all_its_alerts() -> None:
    [one] = content()["alerts"]
    told = content(kind="digest", alerts=[one, {**one, "alert_id": "t-2", "headline": "Second", "area_code": "city"}])
    alert = ElementTree.fromstring(cap(told))
    assert text(alert, "incidents") == "t-1 t-2"
    assert [text(info, "headline") for info in alert.findall(f"{{{CAP}}}info")][::2] == [one["headline"], "Second"]
    assert subject(told) == "[EXERCISE] Digest of alerts beyond the day's budget: 2 alerts"


def test_a_mail_says_it_in_both_languages_and_trusts_no_text() -> None:
    page = html(content(status="Actual"))
    assert "Call {{ F1 }} &lt;waits&gt; &amp; waits" in page
    assert "呼叫 F1" in page and "区 1" in page and "district 1" in page
    assert "exercise" not in page
    assert "civiclake alert ack t-1" in page
