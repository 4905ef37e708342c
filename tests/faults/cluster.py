"""A PostgreSQL server of a test's own, which may be stopped as if the machine had lost its power."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest


@dataclass(frozen=True)
class Cluster:
    """A server's programs, its folder and its port."""

    programs: Path
    folder: Path
    port: int

    @property
    def address(self) -> str:
        """Where its only database is."""
        return f"postgresql://civiclake:open-sesame@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._do("pg_ctl", "start", "--wait", "--silent", "--log", str(self.folder / "log"))

    def stop(self) -> None:
        """Stop it at once, without a farewell to anybody: what it had not made durable is gone."""
        self._do("pg_ctl", "stop", "--mode=immediate", "--silent")

    def end_sessions(self) -> int:
        """End every session but this one, as an administrator would; return how many."""
        with psycopg.connect(self.address, autocommit=True) as session:
            ended = session.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            ).fetchone()
        return int(ended[0]) if ended else 0

    def make(self) -> None:
        """Make the server's files."""
        self._do("initdb", "--username=civiclake", "--auth=trust", "--locale=C", "--encoding=UTF8", "--no-sync")
        with (self.folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write(
                f"port = {self.port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{self.folder}'\n"
                # the machine stays up: what its programs wrote is not lost with them
                "fsync = off\nshared_buffers = 16MB\n"
            )

    def _do(self, program: str, *words: str) -> None:
        # PostgreSQL refuses to be run by root
        as_clerk = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        command = [*as_clerk, str(self.programs / program), *words]
        environment = {"PATH": os.environ["PATH"], "PGDATA": str(self.folder / "data"), "LC_ALL": "C"}
        # the server keeps the descriptors that it is started with
        with (self.folder / "said").open("ab") as said:
            subprocess.run(command, check=True, env=environment, cwd=self.folder, stdout=said, stderr=said)


@contextmanager
def running() -> Iterator[Cluster]:
    """Make and start a server, and take both away afterwards.

    Without PostgreSQL's programs the test is skipped on a laptop and fails where `CI` is set.
    """
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin")) or [Path(shutil.which("initdb") or "/").parent]
    if not (programs[-1] / "initdb").exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("PostgreSQL's initdb and pg_ctl are not here")
    # pytest's own folders cannot be entered by the user who runs the server
    folder = Path(tempfile.mkdtemp(prefix="civiclake-cluster-"))
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    cluster = Cluster(programs[-1], folder, free_port())
    try:
        cluster.make()
        cluster.start()
        yield cluster
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            cluster.stop()
        shutil.rmtree(folder)


def free_ports(count: int) -> list[int]:
    """Return so many different ports on which nothing listens."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def free_port() -> int:
    """Return a port on which nothing listens."""
    return free_ports(1)[0]
