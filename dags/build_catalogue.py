"""Describes every table of the dbt project for the catalogue: from dbt's manifest, and the words of `words/`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from cities.home import PROJECT
from dags.build_plan import relation_of
from lake.catalogue import CATALOGUE, TableEntry

WORDS = PROJECT / "dbt_project" / "words"
OTHER_QUESTIONS = {"ops": "ledger", "records": "records"}
ONLY_THESE = re.compile(r"(\w+) in \(('[^']*'(?:, '[^']*')*)\)")
"""An identity that says which values a column may have."""


def describe(manifest: Any, folder: Path = WORDS) -> list[TableEntry]:
    """Return what is known of each model, seed and source, and of the tables that publishing adds."""
    words = _Words(folder)
    tests = _tests(manifest)
    nodes = [node for node in manifest.nodes.values() if node.resource_type in ("model", "seed")]
    entries = [_entry(node, manifest, words, tests.get(node.unique_id, [])) for node in nodes]
    sources = [node for node in manifest.sources.values() if node.identifier != "built"]
    entries += [_entry(node, manifest, words, []) for node in sources]
    return entries + [words.added(name) for name in ("edition", *CATALOGUE)]


class _Words:
    """The Chinese of tables and columns, and both languages of what is described nowhere else."""

    def __init__(self, folder: Path) -> None:
        self._tables, self._columns = (
            yaml.safe_load((folder / f"{name}.yml").read_text(encoding="utf-8")) for name in ("tables", "columns")
        )
        self._anywhere = {name: self._column("", name, "") for name in self._columns if "." not in name}

    def title(self, table: str) -> dict[str, str]:
        return dict(self._table(table).get("title", {}))

    def description(self, table: str, told: str) -> dict[str, str]:
        mine = self._table(table)
        return _filled({"en": " ".join(told.split()) or mine.get("en"), "zh": mine.get("zh")})

    def columns(self, table: str, told: Mapping[str, str]) -> dict[str, dict[str, str]]:
        """Return the words of all columns that are described here or in the words, by name."""
        own = {key.removeprefix(f"{table}.") for key in self._columns if key.startswith(f"{table}.")}
        named = {*told, *(own & self._anywhere.keys())}
        return self._anywhere | {name: self._column(table, name, told.get(name, "")) for name in named}

    def added(self, table: str) -> TableEntry:
        """Return a table that only the published file has."""
        return TableEntry(
            "ops", table, "ledger", self.title(table), self.description(table, ""), self.columns(table, {})
        )

    def _table(self, table: str) -> dict[str, Any]:
        told = self._tables.get(table, {})
        return {"zh": told} if isinstance(told, str) else told

    def _column(self, table: str, name: str, told: str) -> dict[str, str]:
        found = self._columns.get(f"{table}.{name}", self._columns.get(name, {}))
        mine = {"zh": found} if isinstance(found, str) else found
        return _filled({"en": " ".join(told.split()) or mine.get("en"), "zh": mine.get("zh")})


def _filled(words: Mapping[str, str | None]) -> dict[str, str]:
    return {language: text for language, text in words.items() if text}


def _entry(node: Any, manifest: Any, words: _Words, tests: list[tuple[str, str]]) -> TableEntry:
    told = {name: column.description for name, column in node.columns.items()}
    columns = words.columns(node.name, told)
    if node.schema == "marts":
        # what the words say of a name in `ops` is no English for a mart
        columns = {name: columns[name] for name in told}
    return TableEntry(
        schema=node.schema,
        name=node.name,
        question=node.fqn[-2] if node.schema == "marts" else OTHER_QUESTIONS.get(node.schema),
        title=dict(node.config.meta.get("title", {})) if node.schema == "marts" else words.title(node.name),
        description=words.description(node.name, node.description),
        columns=columns,
        allowed=dict(_allowed(tests)),
        key=next((about.split(", ") for rule, about in tests if rule == "one_row_for_each"), []),
        reads=sorted(_reads(node, manifest)),
        tests=tests,
    )


def _reads(node: Any, manifest: Any) -> Iterator[str]:
    """Yield what a node is made of; a calendar that asks records for their first day only is made of none of them."""
    if node.resource_type == "model" and node.config.meta.get("carries_no_records"):
        return
    for name in getattr(node, "depends_on_nodes", ()):
        yield relation_of(manifest.nodes.get(name) or manifest.sources[name])


def _allowed(tests: Iterable[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    for rule, about in tests:
        if rule == "identities" and (found := ONLY_THESE.fullmatch(about)):
            yield found[1], re.findall("'([^']*)'", found[2])


def _tests(manifest: Any) -> dict[str, list[tuple[str, str]]]:
    """Return the tests of each node by its id: the rule, and what it is about."""
    found: dict[str, list[tuple[str, str]]] = {}
    for test in manifest.nodes.values():
        if test.resource_type == "test":
            rules = list(_generic(test)) if getattr(test, "test_metadata", None) else [("whole", test.name)]
            owners = [test.attached_node] if getattr(test, "attached_node", None) else test.depends_on_nodes
            for owner in owners:
                found.setdefault(owner, []).extend(rules)
    for test in manifest.unit_tests.values():
        found.setdefault(test.depends_on_nodes[0], []).append(("example", test.name))
    return {owner: sorted(set(rules), key=_place_of) for owner, rules in found.items()}


def _place_of(test: tuple[str, str]) -> tuple[int, str]:
    return ORDER.index(test[0]), test[1]


ORDER = ("one_row_for_each", "filled", "identities", "relationships", "not_null", "unique", "accepted_values", "whole",
         "example")  # fmt: skip


def _generic(test: Any) -> Iterator[tuple[str, str]]:
    rule, values = test.test_metadata.name, test.test_metadata.kwargs
    if rule == "identities":
        yield from ((rule, " ".join(one.split())) for one in values["expressions"])
    elif rule == "relationships":
        yield rule, f"{values['column_name']}: {values['to'].split(chr(39))[1]}.{values['field']}"
    else:
        yield rule, ", ".join(values.get("columns") or [values.get("column_name", "")])
