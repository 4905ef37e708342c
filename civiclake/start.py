"""Opens the real Airflow, scheduler and web pages, on this machine's loopback address."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

import click
import psutil

from cities.home import PROJECT
from civiclake.demo import finance_address

USERS = {"engineer": "admin", "analyst": "user", "manager": "viewer"}
"""Who may log in on the laptop, with their role of Airflow's simple auth manager."""


def run_airflow(port: int) -> int:
    """Run Airflow until it is interrupted; returns its exit code, 2 where the port is taken."""
    if _is_taken(port):
        click.echo(f"port {port} is taken; give another one with --port", err=True)
        return 2
    folder = set_loopback(port)
    subprocess.run([*_airflow(), "db", "migrate"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(
        [*_airflow(), "pools", "set", "lake_writers", "1", "one lake writer at a time"],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    known = passwords(folder)
    click.echo(f"Airflow opens on http://127.0.0.1:{port} in about half a minute. Log in as:")
    for name, password in known.items():
        click.echo(f"  {name:<9} {password}")
    with ExitStack() as stack:
        if os.environ.get("CIVICLAKE_CITY", "sandbox") == "sandbox" and not _is_taken(8765):
            stack.callback(stop_family, _serve_sandbox())
        airflow = subprocess.Popen([*_airflow(), "standalone"])
        stack.callback(stop_family, airflow)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        try:
            return airflow.wait()
        except KeyboardInterrupt:
            return 0


def set_loopback(port: int) -> Path:
    """Set the environment of an Airflow on 127.0.0.1 that keeps all it has under `CIVICLAKE_HOME`; returns its home."""
    from civiclake.airflow_environment import set_environment

    folder = set_environment("scheduler.db")
    address = f"http://127.0.0.1:{port}"
    os.environ.update({
        # standalone starts its processes by the name `airflow`
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": address,
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "dags" / "plugins"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "AIRFLOW__CORE__DEFAULT_TASK_RETRIES": "3",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{name}:{role}" for name, role in USERS.items()),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(folder / "passwords.json"),
    })  # fmt: skip
    return folder


def passwords(folder: Path) -> dict[str, str]:
    """Return the passwords of USERS, made once and readable by their owner only."""
    file = folder / "passwords.json"
    if not file.exists():
        draft = file.with_suffix(".draft")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps({name: secrets.token_urlsafe(12) for name in USERS}))
        draft.replace(file)
    return dict(json.loads(file.read_text()))


def _serve_sandbox() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "sandbox", "serve", "--port", "8765", "--finance", finance_address()],
        cwd=PROJECT, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def _airflow() -> list[str]:
    return [sys.executable, "-m", "airflow"]


def stop_family(parent: subprocess.Popen[bytes]) -> None:
    """Stop a process and all that it started: Airflow's own way out leaves children and running tasks behind."""
    if parent.poll() is not None:
        return
    family = [psutil.Process(parent.pid), *psutil.Process(parent.pid).children(recursive=True)]
    for member in family:
        with suppress(psutil.NoSuchProcess):
            member.terminate()
    _, left = psutil.wait_procs(family, timeout=15)
    for member in left:
        with suppress(psutil.NoSuchProcess):
            member.kill()


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
