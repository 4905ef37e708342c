from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from extractors import FetchError
from extractors.question import Tally
from extractors.session import Answer, Session
from tests.extractors.little_server import LittleServer, Reply


def read(answer: Answer) -> bytes:
    return answer.body.read()


@pytest.fixture
def open_session(server: LittleServer, tmp_path: Path) -> Session:
    return Session(f"{server.url}/records?key=hidden", tmp_path, Tally(), {"X-App-Token": "secret-token"})


def get(session: Session) -> bytes:
    return session.get(session.url, {}, read)


def test_an_answer_comes_with_the_bytes_that_were_sent(server: LittleServer, open_session: Session) -> None:
    server.answer = lambda call: Reply(b"\x00\xff caf\xe9")
    assert get(open_session) == b"\x00\xff caf\xe9"
    assert server.calls[0].headers["user-agent"].startswith("CivicLake/")
    assert open_session.tally == Tally(http_calls=1, retries=0)


def test_a_server_error_is_asked_again_until_it_passes(server: LittleServer, open_session: Session) -> None:
    server.first = [Reply(status=500), Reply(status=503)]
    server.answer = lambda call: Reply(b"well")
    assert get(open_session) == b"well"
    assert open_session.tally == Tally(http_calls=3, retries=2)


def test_a_server_error_that_stays_is_a_temporary_failure(server: LittleServer, open_session: Session) -> None:
    server.answer = lambda call: Reply(status=502)
    with pytest.raises(FetchError, match="answered 502 Bad Gateway") as failure:
        get(open_session)
    assert failure.value.temporary
    assert len(server.calls) == 3


def test_too_many_requests_waits_as_long_as_the_source_asks(server: LittleServer, open_session: Session) -> None:
    server.first = [Reply(status=429, headers={"Retry-After": "1"})]
    server.answer = lambda call: Reply(b"well")
    started = time.monotonic()
    assert get(open_session) == b"well"
    assert time.monotonic() - started >= 1


def test_a_retry_after_date_is_understood(server: LittleServer, open_session: Session) -> None:
    server.first = [Reply(status=503, headers={"Retry-After": format_datetime(datetime.now(UTC), usegmt=True)})]
    server.answer = lambda call: Reply(b"well")
    assert get(open_session) == b"well"


@pytest.mark.parametrize("written", ["seconds", "date"])
def test_a_source_that_asks_for_an_hour_is_left_alone_at_once(
    server: LittleServer, open_session: Session, written: str
) -> None:
    in_an_hour = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    header = {"seconds": "3600", "date": in_an_hour}[written]
    server.answer = lambda call: Reply(status=503, headers={"Retry-After": header})
    with pytest.raises(FetchError, match="asks to come back in 3[56]") as failure:
        get(open_session)
    assert failure.value.temporary
    assert len(server.calls) == 1


@pytest.mark.parametrize(("status", "advice"), [(401, "token_env"), (403, "agreement"), (404, "url"), (400, "400")])
def test_what_asking_again_cannot_mend_is_asked_once(
    server: LittleServer, open_session: Session, status: int, advice: str
) -> None:
    server.answer = lambda call: Reply(status=status)
    with pytest.raises(FetchError, match=advice) as failure:
        get(open_session)
    assert not failure.value.temporary
    assert len(server.calls) == 1


def test_a_body_that_breaks_off_is_asked_for_again(server: LittleServer, open_session: Session) -> None:
    server.first = [Reply(b"half of", missing=7)]
    server.answer = lambda call: Reply(b"half of it all")
    assert get(open_session) == b"half of it all"


def test_a_body_that_always_breaks_off_is_no_answer(server: LittleServer, open_session: Session) -> None:
    server.answer = lambda call: Reply(b"half of", missing=7)
    with pytest.raises(FetchError, match="broke off") as failure:
        get(open_session)
    assert failure.value.temporary


def test_an_answer_over_the_limit_is_refused_once(server: LittleServer, open_session: Session) -> None:
    server.answer = lambda call: Reply(b"x" * 200_000)
    open_session.patience = replace(open_session.patience, max_bytes=100_000)
    with pytest.raises(FetchError, match="over the limit of 100,000 bytes") as failure:
        get(open_session)
    assert not failure.value.temporary
    assert len(server.calls) == 1


def test_a_redirect_on_the_same_host_is_followed(server: LittleServer, open_session: Session) -> None:
    server.first = [Reply(status=302, headers={"Location": "/moved"})]
    server.answer = lambda call: Reply(call.path.encode())
    assert get(open_session) == b"/moved"


def test_a_redirect_to_another_host_is_refused_and_sees_no_token(
    server: LittleServer, other_server: LittleServer, open_session: Session
) -> None:
    server.answer = lambda call: Reply(status=302, headers={"Location": f"{other_server.url}/records"})
    with pytest.raises(FetchError, match="leads to another host") as failure:
        get(open_session)
    assert not failure.value.temporary
    assert other_server.calls == []


@pytest.mark.parametrize("place", ["http://[::1", "http://127.0.0.1:99999/", "//[x]/"])
def test_a_redirect_to_no_address_is_told_by_where_it_came_from(
    server: LittleServer, open_session: Session, place: str
) -> None:
    server.answer = lambda call: Reply(status=302, headers={"Location": place})
    with pytest.raises(FetchError, match=f"{server.url}/records: its redirect is no address") as failure:
        get(open_session)
    assert "hidden" not in str(failure.value) and not failure.value.temporary


@pytest.mark.parametrize(
    ("here", "there", "hosts", "is_own"),
    [
        ("https://host.example/x", "https://host.example:443/y", (), True),
        ("https://host.example:443/x", "https://HOST.example/y", (), True),
        ("http://host.example/x", "http://host.example:80/y", (), True),
        ("http://host.example:8080/x", "https://host.example/y", (), True),
        ("https://host.example/x", "https://other.example/y", ["other.example:443"], False),
        ("https://host.example/x", "https://host.example:8443/y", ["host.example:8443"], False),
    ],
)
def test_a_port_left_out_is_that_of_its_scheme(
    tmp_path: Path, here: str, there: str, hosts: list[str], is_own: bool
) -> None:
    assert Session(here, tmp_path, Tally(), hosts=hosts)._is_own_host(there) == is_own


@pytest.mark.parametrize("there", ["https://host.example:8443/", "https://host.example:80/"])
def test_another_port_is_another_host(tmp_path: Path, there: str) -> None:
    with pytest.raises(FetchError, match="leads to another host"):
        Session("https://host.example/x", tmp_path, Tally())._is_own_host(there)


def test_redirects_that_go_in_circles_end(server: LittleServer, open_session: Session) -> None:
    server.answer = lambda call: Reply(status=302, headers={"Location": "/records"})
    with pytest.raises(FetchError, match="more than 5 redirects"):
        get(open_session)


def test_a_silent_source_is_not_waited_for_for_ever(server: LittleServer, open_session: Session) -> None:
    def late(call: object) -> Reply:
        time.sleep(0.5)
        return Reply(b"late")

    server.answer = late
    open_session.patience = replace(open_session.patience, silence=0.1, attempts=1)
    with pytest.raises(FetchError, match=r"no answer within 0\.1 s") as failure:
        get(open_session)
    assert failure.value.temporary


def test_a_source_that_cannot_be_reached_is_named_without_its_secrets(tmp_path: Path) -> None:
    session = Session("http://clerk:geheim@127.0.0.1:9/records?key=hidden", tmp_path, Tally())
    with pytest.raises(FetchError, match="http://127.0.0.1:9/records: the source cannot be reached") as failure:
        get(session)
    assert failure.value.temporary
    assert failure.value.__cause__ is None and failure.value.__suppress_context__
    for secret in ("geheim", "clerk", "hidden"):
        assert secret not in str(failure.value)


def test_the_password_in_an_address_is_sent_as_credentials_only(server: LittleServer, tmp_path: Path) -> None:
    server.answer = lambda call: Reply(b"well")
    get(Session(server.url.replace("//", "//clerk:geheim@") + "/records", tmp_path, Tally()))
    assert server.calls[0].headers["authorization"] == "Basic Y2xlcms6Z2VoZWlt"
    assert "@" not in server.calls[0].headers["host"]


def test_no_credentials_are_looked_for_in_the_home(
    server: LittleServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login clerk password geheim")
    monkeypatch.setenv("NETRC", str(netrc))
    server.answer = lambda call: Reply(b"well")
    get(Session(server.url, tmp_path, Tally()))
    assert "authorization" not in server.calls[0].headers


def test_an_address_without_http_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="must start with http"):
        Session("ftp://127.0.0.1/records", tmp_path, Tally())
