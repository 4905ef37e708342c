from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cities.home import PROJECT
from extractors import Delivery, FetchError, Window
from extractors.inbox import Inbox
from tests.extractors.broker import Broker

Fetched = Callable[..., Delivery]
TOPIC = "lamps/7/state"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    started = Broker(tmp_path)
    yield started
    started.stop()


@pytest.fixture
def gathered(broker: Broker, fetched: Fetched) -> Callable[..., Delivery]:
    """Gathers until `most` messages came, or for a moment; the first gathering begins the session."""

    def gather(number: int, most: int = 100_000, seconds: float = 0.5, **told: Any) -> Delivery:
        terms = {"system": "mqtt", "url": broker.url, "topics": ["lamps/+/state"], "most": most, "seconds": seconds}
        return fetched(delivery_id=f"gathering-{number}", **{**terms, **told})

    gather(0)
    return gather


def messages_of(delivery: Delivery) -> list[dict[str, Any]]:
    return [json.loads(line) for page in delivery.pages for line in page.read_text().splitlines()]


def payloads_of(delivery: Delivery) -> list[Any]:
    return [message["payload"] for message in messages_of(delivery)]


def all_left(gathered: Callable[..., Delivery], number: int) -> list[Any]:
    """Gather, from that number on, until nothing comes."""
    payloads: list[Any] = []
    while came := payloads_of(gathered(number, seconds=2)):
        payloads, number = payloads + came, number + 1
    return payloads


def numbered(first: int, last: int) -> list[str]:
    return [json.dumps({"n": number}) for number in range(first, last)]


def test_what_was_published_between_two_gatherings_comes_in_its_order(
    broker: Broker, gathered: Callable[..., Delivery]
) -> None:
    broker.publish(TOPIC, *numbered(0, 50))
    delivery = gathered(1, most=50, seconds=30)
    assert payloads_of(delivery) == numbered(0, 50)
    assert messages_of(delivery)[0] == {
        "topic": TOPIC, "payload": '{"n": 0}', "received_at": "2026-10-26T11:30:00+00:00", "retained": False, "qos": 1,
    }  # fmt: skip
    assert (delivery.receipt.records, delivery.receipt.complete_snapshot) == (50, False)
    assert delivery.receipt.may_lack is None
    assert payloads_of(gathered(2)) == []


def test_messages_beyond_what_is_enough_wait_at_the_broker(
    broker: Broker, gathered: Callable[..., Delivery]
) -> None:
    broker.publish(TOPIC, *numbered(0, 30))
    first, second = gathered(1, most=7, seconds=30), gathered(2, most=23, seconds=30)
    assert payloads_of(first) == numbered(0, 7)
    assert payloads_of(second) == numbered(7, 30)


def test_messages_survive_a_broker_that_is_started_again(broker: Broker, gathered: Callable[..., Delivery]) -> None:
    broker.publish(TOPIC, *numbered(0, 5))
    broker.stop()
    with pytest.raises(FetchError, match="the broker cannot be reached") as failure:
        gathered(1)
    assert failure.value.temporary
    broker.start()
    assert payloads_of(gathered(1, most=5, seconds=30)) == numbered(0, 5)


def test_any_payload_is_kept_as_it_came(broker: Broker, gathered: Callable[..., Delivery]) -> None:
    broker.publish(TOPIC, "", "off", '{"a": 1.50}', "灯\n\x00", b"\xff\x00", "x" * 3_000_000)
    messages = messages_of(gathered(1, most=6, seconds=30))
    assert [message["payload"] for message in messages] == ["", "off", '{"a": 1.50}', "灯\n\x00", None, "x" * 3_000_000]
    assert messages[4]["payload_base64"] == "/wA="


def test_a_gathering_ends_when_its_delivery_is_large_enough(broker: Broker, gathered: Callable[..., Delivery]) -> None:
    broker.publish(TOPIC, "x" * 900_000, "y" * 900_000, "z" * 900_000)
    first = payloads_of(gathered(1, limit_mb=1, most=3, seconds=30))
    second = payloads_of(gathered(2, most=3 - len(first), seconds=30))
    assert [payload[0] for payload in first + second] == ["x", "y", "z"]


def test_what_is_retained_comes_once(broker: Broker, gathered: Callable[..., Delivery], fetched: Fetched) -> None:
    broker.publish("posts/1", "retained", retain=True)
    told = {"system": "mqtt", "url": broker.url, "topics": ["posts/#"], "client_id": "other", "seconds": 0.5}
    (message,) = messages_of(fetched(delivery_id="a", **{**told, "most": 1, "seconds": 30}))
    assert (message["payload"], message["retained"]) == ("retained", True)
    assert messages_of(fetched(delivery_id="b", **told)) == []


KILLED = """
import os, signal, sys
from extractors import mqtt
from extractors.inbox import Inbox
from extractors.mqtt import Gathering
mqtt.AHEAD = 20
from tests.extractors.test_mqtt import gather_for
at, left = sys.argv[1], [int(sys.argv[2])]
owner, name = (Inbox, "keep") if at != "acknowledged" else (Gathering, "_keep")
does = getattr(owner, name)
def then(self, *args):
    left[0] -= 1
    if at == "before" and left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    does(self, *args)
    if at != "before" and left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
setattr(owner, name, then)
if at == "visible":
    Inbox.keep = does
    Inbox.release = lambda self: os.kill(os.getpid(), signal.SIGKILL)
gather_for(sys.argv[3], "gathering-1")
"""


def gather_for(url: str, delivery_id: str) -> None:
    """Gather for three seconds, for a process that is killed meanwhile."""
    from pydantic import TypeAdapter

    from cities import Feed
    from extractors import fetch

    terms = {"title": {"en": "Feed"}, "contract": "any", "due": "06:30", "fields": {}, "system": "mqtt"}
    told = {**terms, "url": url, "topics": ["lamps/+/state"], "most": 60, "seconds": 30}
    fetch("office__feed", TypeAdapter(Feed).validate_python(told), delivery_id, cursor=None, time_zone="UTC")


@pytest.mark.parametrize(("at", "after"), [("before", 2), ("kept", 2), ("acknowledged", 2), ("visible", 1)])
def test_a_gathering_that_is_killed_loses_no_message(
    broker: Broker, gathered: Callable[..., Delivery], lake_home: Path, at: str, after: int
) -> None:
    broker.publish(TOPIC, *numbered(0, 60))
    command = [sys.executable, "-c", KILLED, at, str(after), broker.url]
    killed = subprocess.run(command, cwd=PROJECT, env=os.environ | {"PYTHONPATH": str(PROJECT)}, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    visible = lake_home / "deliveries/office__feed/gathering-1"
    assert visible.exists() == (at == "visible")
    before = payloads_of(Delivery.read(visible)) if at == "visible" else []
    came = before + all_left(gathered, 2)
    assert list(dict.fromkeys(came)) == numbered(0, 60)
    # a message whose acknowledgement had not gone out comes twice; once the connection was ended in order, none does
    assert len(came) == 60 or at != "visible"


def test_a_torn_line_is_not_taken_for_a_message(lake_home: Path) -> None:
    deliveries = lake_home / "deliveries/office__feed"
    left = Inbox(deliveries / "one")
    left.hold()
    left.keep([b'{"n": 1}\n', b'{"n": 2}\n{"n'])
    left.release()
    inbox = Inbox(deliveries / "two")
    inbox.hold()
    assert (inbox.count, inbox.file.read_bytes()) == (2, b'{"n": 1}\n{"n": 2}\n')
    inbox.keep([b'{"n": 3}\n'])
    assert inbox.file.read_bytes().endswith(b'{"n": 2}\n{"n": 3}\n')
    inbox.release()


def test_two_gatherings_of_one_feed_do_not_meet(lake_home: Path) -> None:
    deliveries = lake_home / "deliveries/office__feed"
    first = Inbox(deliveries / "one")
    first.hold()
    with pytest.raises(FetchError, match="another process gathers") as failure:
        Inbox(deliveries / "two").hold()
    assert failure.value.temporary
    first.release()
    (deliveries / "one").mkdir(parents=True)
    with pytest.raises(FetchError, match="another process made this delivery"):
        Inbox(deliveries / "one").hold()


def test_a_session_that_the_broker_lost_is_told(
    broker: Broker, gathered: Callable[..., Delivery], tmp_path: Path
) -> None:
    broker.stop()
    (tmp_path / "mosquitto.db").unlink()
    broker.start()
    assert "may be missing" in (gathered(1).receipt.may_lack or "")
    assert gathered(2).receipt.may_lack is None


def test_a_connection_that_is_lost_keeps_what_came(
    broker: Broker, gathered: Callable[..., Delivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    broker.publish(TOPIC, *numbered(0, 5))
    keep = Inbox.keep

    def lose(inbox: Inbox, lines: list[bytes]) -> None:
        keep(inbox, lines)
        broker.stop()

    monkeypatch.setattr(Inbox, "keep", lose)
    with pytest.raises(FetchError, match="connection to the broker was lost .* messages are kept") as failure:
        gathered(1, seconds=30)
    assert failure.value.temporary
    monkeypatch.setattr(Inbox, "keep", keep)
    broker.start()
    assert list(dict.fromkeys(all_left(gathered, 1))) == numbered(0, 5)


def test_a_broker_that_wants_a_password_gets_it_from_the_environment(
    tmp_path: Path, fetched: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "users").write_text("clerk:geheim\n")
    subprocess.run(["mosquitto_passwd", "-U", tmp_path / "users"], check=True)
    broker = Broker(tmp_path, f"allow_anonymous false\npassword_file {tmp_path}/users")
    told = {"system": "mqtt", "url": broker.url, "topics": ["a"], "seconds": 0.2,
            "user_env": "MQTT_USER", "password_env": "MQTT_PASSWORD"}  # fmt: skip
    try:
        with pytest.raises(FetchError, match="environment variable MQTT_PASSWORD is not set"):
            monkeypatch.setenv("MQTT_USER", "clerk")
            fetched(**told)
        monkeypatch.setenv("MQTT_PASSWORD", "falsch")
        with pytest.raises(FetchError, match="refuses to connect: Not authorized; check user_env") as failure:
            fetched(**told)
        assert "falsch" not in str(failure.value) and not failure.value.temporary
        monkeypatch.setenv("MQTT_PASSWORD", "geheim")
        assert fetched(**told).receipt.records == 0
    finally:
        broker.stop()


def test_a_broker_is_asked_over_tls_and_its_certificate_checked(tmp_path: Path, fetched: Fetched) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    broker = Broker(tmp_path, f"allow_anonymous true\ncertfile {certificate}\nkeyfile {key}")
    told = {"system": "mqtt", "url": broker.url.replace("mqtt", "mqtts"), "topics": ["a"], "seconds": 0.2}
    try:
        with pytest.raises(FetchError, match="certificate was not accepted; check ca_file") as failure:
            fetched(**told)
        assert not failure.value.temporary
        assert fetched(ca_file=str(certificate), **told).receipt.records == 0
        with pytest.raises(FetchError, match="ca_file must hold the certificate"):
            fetched(delivery_id="other", ca_file="/nowhere.pem", **told)
    finally:
        broker.stop()


def test_a_window_is_refused(broker: Broker, fetched: Fetched) -> None:
    window = Window(datetime(2026, 10, 1, tzinfo=UTC), None)
    with pytest.raises(FetchError, match="a broker keeps nothing of the past"):
        fetched(None, window, system="mqtt", url=broker.url, topics=["a"])


@pytest.mark.parametrize("url", ["http://127.0.0.1", "mqtt://"])
def test_an_address_that_is_no_brokers_is_told(fetched: Fetched, url: str) -> None:
    with pytest.raises(FetchError, match="write a broker's url as mqtt://host"):
        fetched(system="mqtt", url=url, topics=["a"])
