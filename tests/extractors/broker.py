"""A real MQTT broker of the test's own, on a free port, which keeps its sessions on the disk."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest
from paho.mqtt import publish

PROGRAM = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")


class Broker:
    """Mosquitto in a folder; `terms` are further lines of its configuration."""

    def __init__(self, folder: Path, terms: str = "allow_anonymous true") -> None:
        if PROGRAM is None:
            pytest.skip("no mosquitto on this machine")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            f"user root\nlistener {self.port} 127.0.0.1\npersistence true\npersistence_location {folder}/\n{terms}\n"
        )
        self.start()

    def start(self) -> None:
        """Start it and wait until it listens."""
        self._process = subprocess.Popen([PROGRAM or "", "-c", str(self._config)], stderr=subprocess.DEVNULL)
        for _ in range(500):
            try:
                return socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except ConnectionRefusedError:
                time.sleep(0.01)
        raise RuntimeError("mosquitto does not listen")

    def stop(self) -> None:
        """Stop it; what it must keep lies on the disk."""
        self._process.terminate()
        self._process.wait()

    def publish(self, topic: str, *payloads: str | bytes, qos: int = 1, retain: bool = False) -> None:
        """Publish messages, each acknowledged by the broker before the next."""
        messages = [{"topic": topic, "payload": payload, "qos": qos, "retain": retain} for payload in payloads]
        if messages:
            publish.multiple(messages, hostname="127.0.0.1", port=self.port)  # type: ignore[arg-type]
