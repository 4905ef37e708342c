"""MQTT topics, gathered for a bounded time in a session that the broker keeps between two gatherings.

Source of the format: OASIS MQTT 5.0, 3.1.2.4 (clean start), 3.1.2.11.2 (session expiry), 4.3.2 (QoS 1: at least
once). A message is acknowledged only after it lies in the inbox, on the disk. Pages are NDJSON: `topic`, `payload` as
text (null where it is none, which `payload_base64` then holds), `received_at`, `retained`, `qos`.
"""

from __future__ import annotations

import base64
import json
import queue
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from cities import now
from cities.systems import MqttFeed
from extractors.errors import FetchError
from extractors.inbox import Inbox
from extractors.paging import Page
from extractors.question import Question
from extractors.session import parts_of, show
from extractors.source import Layout, Source, address, environment

PORTS = {"mqtt": 1883, "mqtts": 8883}
CONNECT_SECONDS = 15
AHEAD = 500
"""Messages that the broker may send before one is acknowledged: more do not lie in memory."""

BATCH_BYTES = 2**20
"""Size of what is forced to the disk at once."""

BUSY = {"Server unavailable", "Server busy", "Quota exceeded", "Connection rate exceeded", "Server shutting down"}
"""The broker's reasons (MQTT 5.0, 3.2.2.2) that another hour may change."""

LOST = "the broker no longer had the session of this feed: what was published since the last gathering may be missing"


def ask(feed: MqttFeed, question: Question) -> Source:
    """Gather the messages of some topics; what an earlier gathering kept and could not deliver comes first."""
    if not question.window.is_open:
        raise FetchError("a broker keeps nothing of the past, so a window cannot be asked for; gather without one")
    inbox, lacks = Inbox(question.place, question.is_taken_in), list[str]()

    def pages() -> Iterator[Page]:
        inbox.hold()
        try:
            with Gathering(feed, inbox) as gathering:
                lacks.extend(gathering.run())
        except BaseException:
            inbox.release()
            raise
        yield Page(inbox.file.open("rb"), inbox.count)

    def may_lack() -> str | None:
        return lacks[0] if lacks else None

    return Source(Layout(format="ndjson"), pages(), is_narrowed=True, after=inbox.release, may_lack=may_lack)


class Gathering:
    """One connection to a broker, from its opening to its orderly end."""

    def __init__(self, feed: MqttFeed, inbox: Inbox) -> None:
        self._feed, self._inbox = feed, inbox
        self._url = address(feed)
        self._shown = show(self._url)
        self._came: queue.SimpleQueue[MQTTMessage] = queue.SimpleQueue()
        self._answered, self._ended = threading.Event(), threading.Event()
        self._refused: Any = None
        self._has_session = False
        self._client = self._new_client()

    def __enter__(self) -> Gathering:
        parts = parts_of(self._url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise FetchError("write a broker's url as mqtt://host or, over TLS, mqtts://host")
        wishes = Properties(PacketTypes.CONNECT)
        wishes.SessionExpiryInterval = self._feed.session_days * 86_400
        wishes.ReceiveMaximum = AHEAD
        port = parts.port or PORTS[parts.scheme]
        try:
            self._client.connect(parts.hostname, port, keepalive=30, clean_start=False, properties=wishes)
        except ssl.SSLError:
            raise FetchError(f"{self._shown}: the broker's certificate was not accepted; check ca_file") from None
        except OSError as error:
            words = error.strerror or type(error).__name__
            raise FetchError(f"{self._shown}: the broker cannot be reached ({words})", temporary=True) from None
        self._client.loop_start()
        return self

    def __exit__(self, *_: object) -> None:
        # queued behind the last acknowledgement, so that those go out first
        self._client.disconnect()
        self._ended.wait(CONNECT_SECONDS)
        self._client.loop_stop()

    def run(self) -> list[str]:
        """Gather until the time is over or enough came; return why something may be missing."""
        self._wait("connect")
        lost = [] if self._has_session or self._inbox.is_new else [LOST]
        self._subscribe()
        self._inbox.remember()
        until = time.monotonic() + self._feed.seconds
        while time.monotonic() < until and not self._is_full:
            self._keep(self._next(until))
        return lost

    @property
    def _is_full(self) -> bool:
        return self._inbox.count >= self._feed.most or self._inbox.bytes >= self._feed.limit_mb * 2**20

    def _next(self, until: float) -> list[MQTTMessage]:
        """Return what came, at least one message if any comes in time."""
        try:
            came = [self._came.get(timeout=min(0.2, max(0.0, until - time.monotonic())))]
        except queue.Empty:
            if self._ended.is_set():
                raise self._lost_connection() from None
            return []
        room, size = self._feed.most - self._inbox.count, len(came[0].payload)
        while len(came) < min(room, AHEAD) and size < BATCH_BYTES and not self._came.empty():
            came.append(self._came.get())
            size += len(came[-1].payload)
        return came

    def _keep(self, messages: list[MQTTMessage]) -> None:
        if messages:
            self._inbox.keep([_line(message) for message in messages])
        for message in messages:
            self._client.ack(message.mid, message.qos)

    def _subscribe(self) -> None:
        self._answered.clear()
        # what is retained comes once, when the session begins
        wish = SubscribeOptions(qos=1, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB)
        self._client.subscribe([(topic, wish) for topic in self._feed.topics])
        self._wait("subscribe")

    def _wait(self, what: str) -> None:
        """Wait for the broker's answer; raises FetchError with its reason where it is no."""
        until = time.monotonic() + CONNECT_SECONDS
        while not self._answered.wait(0.05):
            if self._ended.is_set() and not self._answered.is_set():
                raise self._lost_connection()
            if time.monotonic() > until:
                raise FetchError(f"{self._shown}: the broker does not answer ({what})", temporary=True)
        if self._refused is not None:
            raise FetchError(
                f"{self._shown}: the broker refuses to {what}: {self._refused}; "
                "check user_env, password_env and topics with the department",
                temporary=str(self._refused) in BUSY,
            )

    def _lost_connection(self) -> FetchError:
        return FetchError(
            f"{self._shown}: the connection to the broker was lost (or another client has the id "
            f"{_client_id(self._feed, self._inbox)!r}); {self._inbox.count} messages are kept for the next gathering",
            temporary=True,
        )

    def _new_client(self) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2, _client_id(self._feed, self._inbox), protocol=MQTTProtocolVersion.MQTTv5,
            manual_ack=True, reconnect_on_failure=False,
        )  # fmt: skip
        client.connect_timeout = CONNECT_SECONDS
        if self._feed.user_env:
            user, named = environment(self._feed.user_env, "the broker's user"), self._feed.password_env
            client.username_pw_set(user, environment(named, "the broker's password") if named else None)
        if self._url.startswith("mqtts:"):
            client.tls_set(_authority(self._feed))
        client.on_connect, client.on_subscribe = self._connected, self._subscribed
        client.on_disconnect = lambda *_: self._ended.set()
        client.on_message = lambda _client, _data, message: self._came.put(message)
        return client

    def _connected(self, _client: Client, _data: object, flags: Any, reason: Any, _properties: object) -> None:
        self._has_session = flags.session_present
        self._refused = reason if reason.is_failure else None
        self._answered.set()

    def _subscribed(self, _client: Client, _data: object, _mid: int, reasons: Any, _properties: object) -> None:
        self._refused = next((reason for reason in reasons if reason.is_failure), None)
        self._answered.set()


def _client_id(feed: MqttFeed, inbox: Inbox) -> str:
    return feed.client_id or f"civiclake-{inbox.feed_id}"


def _authority(feed: MqttFeed) -> str | None:
    if feed.ca_file and not Path(feed.ca_file).is_file():
        raise FetchError(f"{feed.ca_file}: no such file; ca_file must hold the certificate of the broker's authority")
    return feed.ca_file


def _line(message: MQTTMessage) -> bytes:
    """Return a message as a line of a page."""
    told: dict[str, Any] = {"topic": message.topic}
    try:
        told["payload"] = message.payload.decode()
    except UnicodeDecodeError:
        told |= {"payload": None, "payload_base64": base64.b64encode(message.payload).decode()}
    told |= {"received_at": now().isoformat(), "retained": message.retain, "qos": message.qos}
    return json.dumps(told, ensure_ascii=False).encode() + b"\n"
