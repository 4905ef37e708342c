"""The weekly digest: by real mail, to each steward of their own departments alone, and once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email.header import decode_header, make_header
from email.message import Message
from html import unescape
from pathlib import Path

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from dags import digesting
from dags.watching import SomeFailed
from reports.digest import digests
from tests.dags.mailbox import Mailbox, receiving
from tests.reports.morning import NOW, Morning, bad_morning

WEEK = NOW + timedelta(days=2)


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with receiving() as mailbox:
        address = f"smtp://127.0.0.1:{mailbox.port}/?disable_ssl=true&disable_tls=true&retry_limit=1"
        monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", address)
        yield mailbox


@pytest.fixture
def morning(lake_home: Path, monkeypatch: pytest.MonkeyPatch) -> Morning:
    """A morning of which the report is published, in the office's own home."""
    made = bad_morning(lake_home)
    monkeypatch.setenv("CIVICLAKE_CITY", str(lake_home / "riverbend"))
    monkeypatch.setenv("CIVICLAKE_NOW", NOW.isoformat())
    made.publish()
    return made


def page(mail: Message) -> str:
    part = next(part for part in mail.walk() if part.get_content_type() == "text/html")
    return unescape(bytes(part.get_payload(decode=True)).decode())  # type: ignore[arg-type]


def test_each_steward_has_one_mail_of_their_own_department_and_no_other(mailbox: Mailbox, morning: Morning) -> None:
    told = digesting.send(NOW, "run")
    report = morning.report()
    mails = dict(mailbox.mails)
    assert told == {"sent": len(mails)} and len(mailbox.mails) == len(mails) > 1
    for department in report["departments"]:
        steward = department["contact"]["email"]
        others = [one["title"][language] for one in report["actions"] for language in ("en", "zh")
                  if one["owner"]["email"] != steward]  # fmt: skip
        mine = [one["title"][language] for one in report["actions"] for language in ("en", "zh")
                if one["owner"]["email"] == steward]  # fmt: skip
        gaps = [gap["text"] for gap in report["gaps"] if gap["owner"] == steward]
        assert (steward in mails) == bool(mine or gaps)
        if steward in mails:
            text = page(mails[steward])
            assert others and all(title in text for title in mine) and not any(title in text for title in others)
            assert all(gap["zh"] in text for gap in gaps)
            assert department["name"]["en"] in str(make_header(decode_header(mails[steward]["Subject"])))


def test_again_in_the_same_week_nothing_is_sent_twice_and_in_the_next_it_is(mailbox: Mailbox, morning: Morning) -> None:
    first = digesting.send(NOW, "run")["sent"]
    assert digesting.send(WEEK, "again") == {"sent": 0}
    assert digesting.send(NOW + timedelta(days=7), "next") == {"sent": first}
    names = [mail["Message-ID"] for _, mail in mailbox.mails]
    assert len(set(names)) == 2 * first and all(name.endswith("@riverbend.example>") for name in names)


def test_what_could_not_be_sent_is_sent_by_the_next_try(mailbox: Mailbox, morning: Morning) -> None:
    mailbox.refuses = True
    with pytest.raises(SomeFailed, match="not sent: ") as told:
        digesting.send(NOW, "run")
    assert "@" not in str(told.value)
    mailbox.refuses = False
    assert digesting.send(NOW, "again")["sent"] == len(mailbox.mails) > 1


def test_without_a_connection_for_mail_the_run_is_skipped(morning: Morning) -> None:
    with pytest.raises(AirflowSkipException, match="smtp_default"):
        digesting.send(NOW, "run")


def test_a_steward_of_whom_nothing_is_to_tell_has_no_mail(tmp_path: Path) -> None:
    assert list(digests({**Morning(tmp_path).report(), "gaps": []})) == []
