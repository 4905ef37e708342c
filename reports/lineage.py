"""Which feeds each mart stands on, read from dbt's own manifest and from nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cities import City
from reports.facts import ReportError
from reports.words import Words, title

SOURCE = "records"


@dataclass(frozen=True)
class View:
    """A mart that stands on departments' records: its title, the kinds of record and the feeds that bring them."""

    slug: str
    name: Words
    kinds: tuple[str, ...]
    feeds: tuple[str, ...]


def read_views(manifest: Path, city: City) -> list[View]:
    """Return the marts that stand on records, in dbt's order of names; before the first build there are none.

    Walks `depends_on` of dbt's manifest.json (v12) back to the sources `records.<kind>`; a feed belongs to the view
    where its contract is one of those kinds. Models with `meta: {carries_no_records: true}`, like the calendar that
    asks records for their first day only, end the walk. A mart over the ledger alone says nothing of the city and is
    left out. Raises ReportError where the manifest cannot be read.
    """
    if not manifest.exists():
        return []
    graph = _graph(manifest)
    marts = [node for _, node in sorted(graph.items()) if _is_mart(node)]
    views = [_view(node, _kinds(graph, node["unique_id"]), city) for node in marts]
    return [view for view in views if view.kinds]


def _graph(manifest: Path) -> dict[str, Any]:
    try:
        told = json.loads(manifest.read_text(encoding="utf-8"))
        return {**told["nodes"], **told["sources"]}
    except (OSError, ValueError, KeyError) as error:
        told = f"dbt's manifest cannot be read ({type(error).__name__})"
        raise ReportError(f"{manifest}: {told}; build the marts again") from None


def _is_mart(node: dict[str, Any]) -> bool:
    return node["resource_type"] == "model" and node["schema"] == "marts"


def _kinds(graph: dict[str, Any], start: str) -> tuple[str, ...]:
    kinds, seen, waiting = set(), {start}, [start]
    while waiting:
        node = graph.get(waiting.pop(), {})
        if _meta(node).get("carries_no_records"):
            continue
        if node.get("source_name") == SOURCE:
            kinds.add(node["name"])
        parents = set(node.get("depends_on", {}).get("nodes", ())) - seen
        seen |= parents
        waiting.extend(parents)
    return tuple(sorted(kinds))


def _view(node: dict[str, Any], kinds: tuple[str, ...], city: City) -> View:
    feeds = tuple(feed_id for feed_id, feed in city.feeds.items() if feed.contract in kinds)
    plain = {"en": node["name"].replace("_", " ").capitalize()}
    return View(node["name"], title(_meta(node).get("title") or plain), kinds, feeds)


def _meta(node: dict[str, Any]) -> dict[str, Any]:
    return node.get("config", {}).get("meta") or {}
