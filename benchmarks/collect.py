"""How much work it is to collect a portal's records: CivicLake, plain DuckDB, and peers, over the same pages.

Each way runs in a process of its own, in turns, and its CPU seconds, wall seconds and peak memory are those of the
whole process, imports included. A figure only counts when the good records that arrived are the same to the value.

Run: .venv/bin/python benchmarks/collect.py [records] [rounds] [way ...]
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal import PAGE, SENT, served, write_city

HERE = Path(__file__).resolve().parent
FEED = "streets__requests"


def collect_ours(folder: Path, url: str) -> None:
    """Fetch, check and load as a task of the city does."""
    os.environ["CIVICLAKE_HOME"] = str(folder / "home")
    sys.path.insert(0, str(HERE.parent))
    from cities import read_city
    from contracts import check
    from extractors import fetch
    from lake import load

    write_city(folder / "city", url)
    city = read_city(str(folder / "city"))
    feed = city.feeds[FEED]
    place = fetch(FEED, feed, "20261124T000000Z", cursor=None, time_zone=city.time_zone)
    check(place, FEED, feed, city)
    loaded = load(place, FEED, feed, run_id="benchmark")
    assert loaded.received == loaded.accepted + loaded.unchanged + loaded.duplicate + loaded.set_aside
    print(loaded)


def collect_duckdb(folder: Path, url: str) -> None:
    """Keep the pages and let DuckDB put them into a DuckLake as text: no contract, the floor."""
    import duckdb
    import duckdb_extension_ducklake
    import duckdb_extension_sqlite_scanner
    import requests

    for number, page in enumerate(_pages(requests.Session(), url)):
        (folder / f"{number:05}.json").write_bytes(page.content)
    columns = ", ".join(f"{name}: 'VARCHAR'" for name in SENT)
    with duckdb.connect() as connection:
        for module in (duckdb_extension_ducklake, duckdb_extension_sqlite_scanner):
            (file,) = Path(module.__file__).parent.glob(f"extensions/v{duckdb.__version__}/*.duckdb_extension")
            connection.execute(f"LOAD '{file}'")
        connection.execute(f"ATTACH 'ducklake:sqlite:{folder}/lake.sqlite' AS lake (DATA_PATH '{folder}/data/')")
        source = f"read_json('{folder}/*.json', format = 'array', columns = {{{columns}}})"
        connection.execute(f"CREATE TABLE lake.requests AS FROM {source}")


def collect_pandas(folder: Path, url: str) -> None:
    """Parse with requests, collect with pandas, append to DuckDB page by page."""
    import duckdb
    import pandas as pd
    import requests

    with duckdb.connect(str(folder / "db.duckdb")) as connection:
        connection.execute(f"CREATE TABLE requests ({', '.join(f'{name} VARCHAR' for name in SENT)})")
        for page in _pages(requests.Session(), url):
            frame = pd.DataFrame(page.json(), columns=SENT)  # noqa: F841
            connection.execute("INSERT INTO requests FROM frame")


def collect_dlt_arrow(folder: Path, url: str) -> None:
    """Let dlt load Arrow tables made by hand, its fastest path."""
    import orjson
    import pyarrow as pa

    os.environ.update(EXTRACT__WORKERS="1", NORMALIZE__WORKERS="1", LOAD__WORKERS="1")
    import dlt
    from dlt.sources.helpers import requests

    schema = pa.schema([(name, pa.string()) for name in SENT])

    @dlt.resource(name="requests")
    def arrived() -> Iterator[Any]:
        for page in _pages(requests.Client().session, url):
            yield pa.Table.from_pylist(orjson.loads(page.content), schema=schema)

    _dlt_pipeline(folder).run(arrived(), loader_file_format="parquet")


def collect_dlt_rest(folder: Path, url: str) -> None:
    """Let dlt's `rest_api` source do it, in its normal form."""
    from dlt.sources.rest_api import rest_api_source

    base, path = url.rsplit("/", 1)
    names = {"offset_param": "$offset", "limit_param": "$limit"}
    paginator = {"type": "offset", "limit": PAGE, "total_path": None, **names}
    source = rest_api_source(
        {
            "client": {"base_url": base, "paginator": paginator},
            "resources": [{"name": "requests", "endpoint": {"path": path, "data_selector": "$"}}],
        }
    )
    _dlt_pipeline(folder).run(source)


def _dlt_pipeline(folder: Path) -> Any:
    import dlt

    place = dlt.destinations.duckdb(str(folder / "db.duckdb"))
    return dlt.pipeline("peer", pipelines_dir=str(folder / "dlt"), destination=place, dataset_name="main")


def _pages(session: Any, url: str) -> Iterator[Any]:
    for offset in range(0, sys.maxsize, PAGE):
        page = session.get(url, params={"$limit": PAGE, "$offset": offset, "$order": ":id"})
        if len(page.content) < 3:
            return
        yield page


@dataclass(frozen=True)
class Way:
    """One way to collect: what to run, whether in the peers' environment, and how to read what arrived."""

    run: Callable[[Path, str], None]
    is_peer: bool = False
    table: str = "requests"
    number: str = "sr_number"
    made: str = "try_cast(created_date AS TIMESTAMP)"
    rest: tuple[str, ...] = ("sr_short_code", "sr_type", "outcome", "community_area", "details")


WAYS = {
    "ours": Way(
        collect_ours, False, "lake.records.service_request", "request_id",
        "(requested_at AT TIME ZONE 'America/Chicago')",
        ("service_code", "service_name", "outcome_code", "area_code", "description"),
    ),
    "duckdb": Way(collect_duckdb, table="lake.requests"),
    "pandas": Way(collect_pandas, True),
    "dlt_arrow": Way(collect_dlt_arrow, True),
    "dlt_rest": Way(collect_dlt_rest, True, made="(created_date AT TIME ZONE 'UTC')"),
}  # fmt: skip


@dataclass(frozen=True)
class Cost:
    """What one process took: CPU and wall seconds, and its largest resident memory in MiB."""

    cpu: float
    wall: float
    peak: float


def measure(command: list[str], **environment: str) -> Cost:
    """Run a command to its end and return what it took; its output is shown where it fails."""
    started = time.monotonic()
    with tempfile.TemporaryFile("w+") as told:
        child = subprocess.Popen(command, stdout=told, stderr=told, env={**os.environ, **ENVIRONMENT, **environment})
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            told.seek(0)
            raise RuntimeError(told.read())
    return Cost(used.ru_utime + used.ru_stime, time.monotonic() - started, used.ru_maxrss / 1024)


ENVIRONMENT = {"RUNTIME__DLTHUB_TELEMETRY": "false", "DO_NOT_TRACK": "1", "CIVICLAKE_PSEUDONYM_KEY": "benchmark"}


def run_way(name: str, python: Path, place: Path, url: str) -> tuple[Cost, tuple[int, int]]:
    """Collect once in a fresh folder; return the cost, and the number and checksum of the good records."""
    place.mkdir(parents=True)
    cost = measure([str(python), __file__, "--way", name, str(place), url])
    told = subprocess.run(
        [sys.executable, __file__, "--sum", name, str(place)], capture_output=True, text=True, check=True
    ).stdout.split()
    shutil.rmtree(place)
    return cost, (int(told[0]), int(told[1]))


def print_sum(name: str, place: Path) -> None:
    """Print the number and the checksum of the good records that a way left in its folder, each counted once."""
    import duckdb

    way = WAYS[name]
    if name == "ours":
        os.environ["CIVICLAKE_HOME"] = str(place / "home")
        sys.path.insert(0, str(HERE.parent))
    from extractors.extensions import extension_file

    file = str(place / "db.duckdb") if way.is_peer else ":memory:"
    with duckdb.connect(file, read_only=way.is_peer) as connection:
        if not way.is_peer:
            catalogue = place / ("home/lake/catalogue.sqlite" if name == "ours" else "lake.sqlite")
            for extension in ("ducklake", "sqlite_scanner"):
                connection.execute(f"LOAD '{extension_file(extension)}'")
            connection.execute(f"ATTACH 'ducklake:sqlite:{catalogue}' AS lake")
        values = ", ".join([way.number, *way.rest, f"strftime({way.made}, '%Y-%m-%dT%H:%M:%S')"])
        good = f"{way.number}[6:]::BIGINT % 100 <> 7"
        query = f"SELECT DISTINCT hash({values}) AS h FROM {way.table} WHERE {good}"
        print(*connection.execute(f"SELECT count(*), bit_xor(h) FROM ({query})").fetchone() or ())


def make_portal(pages: Path, records: int) -> int:
    """Make the pages of so many records and return their bytes.

    In a process of its own: the largest memory of this one would count as that of its children.
    """
    made = subprocess.run([sys.executable, HERE / "portal.py", pages, str(records)], capture_output=True, check=True)
    return int(made.stdout.split()[0])


def make_peers(folder: Path) -> Path:
    """Make the peers' environment from `peers.lock` and return its interpreter."""
    uv = Path(sys.executable).with_name("uv")
    python = folder / "peers" / "bin" / "python"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder / "peers"], check=True)
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", "--compile-bytecode",
         "-r", HERE / "peers.lock"], check=True,
    )  # fmt: skip
    return python


def main(records: int = 1_000_000, rounds: int = 3, *names: str) -> None:
    """Run every way in turns and print medians, and ratios to plain DuckDB."""
    ways = list(names) or list(WAYS)
    with tempfile.TemporaryDirectory(prefix="civiclake-collect-") as temporary:
        folder = Path(temporary)
        size = make_portal(folder / "pages", records)
        peers = make_peers(folder) if any(WAYS[name].is_peer for name in ways) else Path()
        costs: dict[str, list[Cost]] = {name: [] for name in ways}
        with served(folder / "pages") as url:
            for _ in range(rounds):
                sums = {}
                for name in ways:
                    python = peers if WAYS[name].is_peer else Path(sys.executable)
                    cost, sums[name] = run_way(name, python, folder / "run" / name, url)
                    costs[name].append(cost)
                    print(f"{name}: {cost.cpu:.1f} CPU s, {cost.wall:.1f} s, {cost.peak:.0f} MiB", flush=True)
                if len(set(sums.values())) > 1:
                    raise RuntimeError(f"what arrived differs: {sums}")
    print(f"{records:,} records, {size:,} bytes, {rounds} rounds; {sums[ways[0]][0]:,} good records, the same in all")
    for name in ways:
        _tell(name, costs[name], costs.get("duckdb"))


def _tell(name: str, costs: list[Cost], floor: list[Cost] | None) -> None:
    cpu, wall, peak = (statistics.median(getattr(cost, part) for cost in costs) for part in ("cpu", "wall", "peak"))
    against = statistics.median(one.cpu / other.cpu for one, other in zip(costs, floor, strict=True)) if floor else 0
    print(f"{name:10} {cpu:6.1f} CPU s  {wall:6.1f} s  {peak:5.0f} MiB  {against:5.2f} x duckdb")


if __name__ == "__main__":
    if "--way" in sys.argv:
        WAYS[sys.argv[2]].run(Path(sys.argv[3]), sys.argv[4])
    elif "--sum" in sys.argv:
        print_sum(sys.argv[2], Path(sys.argv[3]))
    else:
        main(*(int(one) if one.isdigit() else one for one in sys.argv[1:]))  # type: ignore[arg-type]
