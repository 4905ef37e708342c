"""The report inside a real Airflow: refused without its login, opened with it, and answered by those who may."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from unittest.mock import patch

import pytest
import requests
from playwright.sync_api import Browser

from civiclake.start import passwords, set_loopback, stop_family
from lake import claim, connect, publish, writer_lock
from tests.reports.morning import Morning, bad_morning

SECONDS = 600
KEY = "gap.area_missing.police__calls"
AIRFLOW = [sys.executable, "-m", "airflow"]


@dataclass
class Office:
    """An Airflow that answers, and who may log in."""

    home: Path
    address: str
    passwords: dict[str, str]
    morning: Morning

    def token(self, name: str) -> str:
        login = {"username": name, "password": self.passwords[name]}
        return str(requests.post(f"{self.address}/auth/token", json=login, timeout=60).json()["access_token"])

    def session(self, name: str) -> requests.Session:
        """A browser of somebody who is logged in."""
        session = requests.Session()
        session.cookies.set("_token", self.token(name))
        return session

    def at(self, path: str) -> str:
        return f"{self.address}/morning-report/{path}"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    place, port = tmp_path_factory.mktemp("office"), free_port()
    with patch.dict(os.environ, CIVICLAKE_HOME=str(place), CIVICLAKE_CITY=str(place / "riverbend")):
        morning = prepare(place)
        folder = set_loopback(port)
        subprocess.run([*AIRFLOW, "db", "migrate"], check=True, stdout=subprocess.DEVNULL)
        tell_of_a_run(folder / "scheduler.db", morning)
        known, log = passwords(folder), place / "api-server.log"
        with log.open("wb") as out:
            server = subprocess.Popen([*AIRFLOW, "api-server"], stdout=out, stderr=out)
    try:
        wait_for(f"http://127.0.0.1:{port}/api/v2/monitor/health", server, log)
        yield Office(place, f"http://127.0.0.1:{port}", known, morning)
    finally:
        stop_family(server)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def prepare(place: Path) -> Morning:
    """Publish a report, and a lake with one open action."""
    morning = bad_morning(place)
    morning.publish()
    claim(morning.city)
    with connect() as sql:
        sql.execute(
            f"""INSERT INTO ops.action BY NAME SELECT '{KEY}' AS action_key, 'gap' AS cause, 'police' AS department,
            'p@city.example' AS owner, 'police__calls' AS feed, 'area_missing' AS subject, 'normal' AS severity,
            'open' AS state, DATE '2026-11-20' AS since_date, DATE '2026-11-27' AS due_date, '<D2>' AS detail,
            now() AS opened_at"""
        )
    with writer_lock():
        publish([])
    return morning


def tell_of_a_run(database: Path, morning: Morning) -> None:
    """Let Airflow know the run that made the report, and a later one that made none."""
    at = datetime(2026, 11, 23, 11, 42, tzinfo=UTC)
    with sqlite3.connect(database) as sql:
        needed = [row[1:3] for row in sql.execute("PRAGMA table_info(dag_run)") if row[3] and row[4] is None]
        for run_id, instant in (("scheduled__morning+00:00", at), ("scheduled__later", at.replace(month=12))):
            known: dict[str, Any] = {"dag_id": "report", "run_id": run_id, "run_type": "scheduled", "state": "success"}
            known["run_after"] = instant.strftime("%Y-%m-%d %H:%M:%S.%f")
            row = {name: known.get(name, 0 if "INT" in kind else "") for name, kind in needed if name != "id"} | known
            places = ", ".join("?" * len(row))
            sql.execute(f"INSERT INTO dag_run ({', '.join(row)}) VALUES ({places})", list(row.values()))


def wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = monotonic() + SECONDS
    while monotonic() < until and server.poll() is None:
        try:
            if requests.get(address, timeout=5).ok:
                return
        except requests.RequestException:
            sleep(0.5)
    pytest.fail(f"Airflow did not answer: {log.read_text()[-2000:]}")


@pytest.mark.parametrize("path", ["", "site/en/index.html", "site/report.json", "answers/en", "run/report/x"])
def test_without_a_login_nothing_is_given_out(office: Office, path: str) -> None:
    answer = requests.get(office.at(path), timeout=60, allow_redirects=False)
    assert answer.status_code == 401
    assert "Riverbend" not in answer.text
    forged = requests.get(office.at(path), timeout=60, headers={"Authorization": "Bearer forged"})
    assert forged.status_code in (401, 403)


def test_everybody_who_is_logged_in_reads_it_by_cookie_or_token(office: Office) -> None:
    for told in ({"cookies": {"_token": office.token("manager")}},
                 {"headers": {"Authorization": f"Bearer {office.token('manager')}"}}):  # fmt: skip
        answer = requests.get(office.at(""), timeout=60, **told)  # type: ignore[arg-type]
        assert answer.url.endswith("/site/en/index.html")
        assert "Riverbend" in answer.text and "answers/en" not in answer.text
        assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    chinese = office.session("manager").get(office.at(""), headers={"Accept-Language": "zh-CN,en"}, timeout=60)
    assert "河湾市" in chinese.text
    assert office.session("manager").get(office.at("site/../passwords.json"), timeout=60).status_code == 404


def test_airflow_shows_it_in_its_menu_and_beside_each_run(office: Office) -> None:
    plugins = office.session("engineer").get(f"{office.address}/api/v2/plugins", timeout=60).json()["plugins"]
    [plugin] = [one for one in plugins if one["name"] == "morning_report"]
    views = {view["destination"]: view["href"] for view in plugin["external_views"]}
    assert views == {"nav": "/morning-report/", "dag_run": "/morning-report/run/{DAG_ID}/{RUN_ID}"}


def test_its_place_in_the_menu_opens_it_in_a_frame(office: Office, browser: Browser) -> None:
    with browser.new_context() as context:
        context.set_default_timeout(180_000)
        context.add_cookies([{"name": "_token", "value": office.token("manager"), "url": office.address}])
        page = context.new_page()
        page.goto(f"{office.address}/plugin/morning-report")
        frame = page.frame_locator("iframe")
        assert "Riverbend" in frame.get_by_role("banner").inner_text()
        frame.get_by_role("link", name="中文").click()
        frame.locator("html[lang=zh-Hans] main").wait_for()


def test_a_run_leads_to_its_own_report(office: Office) -> None:
    session = office.session("analyst")
    opened = session.get(office.at("run/report/scheduled__morning%2B00%3A00"), timeout=60)
    assert opened.status_code == 200 and office.morning.run_id in opened.url
    none = session.get(office.at("run/report/scheduled__later"), timeout=60)
    assert none.status_code == 404 and "No report has been made since this run." in none.text


def test_a_manager_who_may_not_trigger_may_not_answer(office: Office) -> None:
    session, own = office.session("manager"), {"Origin": office.address}
    assert session.get(office.at("answers/en"), timeout=60).status_code == 403
    told = {"action_key": KEY, "said": "acknowledged"}
    assert session.post(office.at("answers/en"), data=told, headers=own, timeout=60).status_code == 403
    assert said(office) == []


@pytest.mark.parametrize("headers", [{}, {"Origin": "null"}, {"Origin": "http://elsewhere.example"}])
def test_a_form_of_another_site_is_refused(office: Office, headers: dict[str, str]) -> None:
    told = {"action_key": KEY, "said": "acknowledged"}
    answer = office.session("analyst").post(office.at("answers/en"), data=told, headers=headers, timeout=60)
    assert answer.status_code == 403
    assert said(office) == []


def test_an_analyst_answers_an_action_and_sees_that_it_is_kept(office: Office) -> None:
    session, own = office.session("analyst"), {"Origin": office.address}
    assert "answers/en" in session.get(office.at("site/en/index.html"), timeout=60).text
    forms = session.get(office.at("answers/zh"), timeout=60).text
    assert KEY in forms and "&lt;D2&gt;" in forms and "<D2>" not in forms
    told = {"action_key": KEY, "said": "accepted", "note": " "}
    refused = session.post(office.at("answers/en"), data=told, headers=own, timeout=60)
    assert refused.status_code == 400 and "accepting wants a reason" in refused.text
    kept = session.post(office.at("answers/en"), data={**told, "note": "known"}, headers=own, timeout=60)
    assert kept.status_code == 200 and "Kept: The city lives with it." in kept.text and KEY not in kept.text
    assert said(office) == [("accepted", "analyst", "known")]


def said(office: Office) -> list[tuple[Any, ...]]:
    """What the lake of the office keeps of people's words."""
    with patch.dict(os.environ, CIVICLAKE_HOME=str(office.home)), connect() as sql:
        return sql.execute("SELECT event, who, note FROM ops.action_event").fetchall()
