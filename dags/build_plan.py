"""What of the dbt project is to be built again, and from which changes: the rest says what it would say anyway."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from graphlib import TopologicalSorter
from typing import Any

from lake.built import Mark, State

CLOCKS = {"lake": "ops.clock", "watch": "ops.watch_clock"}
"""The table of one row that holds the now of a build, by the target of dbt's profile."""


@dataclass
class Plan:
    """Nodes to be handed to dbt, and for those among them that stand on their last edition what dbt is to know.

    `how` tells whether an input has changed for sure, and else which tables may be changed by this build; where the
    table can be built in parts, since which snapshot its inputs changed, and those that must stay as they are for it.
    """

    models: set[str] = field(default_factory=set)
    tests: set[str] = field(default_factory=set)
    how: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass
class Planner:
    """Compares what dbt's manifest wants with what the marks say was built, and with what changed in the lake since."""

    manifest: Any
    marks: Mapping[str, Mark]
    state: State

    def plan(self, chosen: Iterable[str]) -> Plan:
        """Return what is stale among the chosen nodes."""
        plan, chosen = Plan(), set(chosen)
        for node_id in self._in_order():
            node = self.manifest.nodes[node_id]
            if node_id not in chosen:
                continue
            if node.resource_type == "test":
                if self._is_stale_test(node, plan):
                    plan.tests.add(node_id)
            elif (how := self._how(node, plan)) is not None:
                plan.models.add(node_id)
                if "anew" not in how:
                    plan.how[node_id] = how
        return plan

    def _in_order(self) -> Iterator[str]:
        nodes = self.manifest.nodes
        graph = {node_id: [one for one in nodes[node_id].depends_on_nodes if one in nodes] for node_id in nodes}
        return iter(TopologicalSorter(graph).static_order())

    def _is_stale_test(self, node: Any, plan: Plan) -> bool:
        mark = self.marks.get(node.unique_id)
        if mark is None or not self.state.can_tell(mark.snapshot):
            return True
        return any(self._is_changed(one, mark, plan) for one in self._inputs(node))

    def _how(self, node: Any, plan: Plan) -> dict[str, Any] | None:
        """Return how a model or seed is to be built: None not at all, `anew` where nothing of it can be trusted."""
        mark, table = self.marks.get(node.unique_id), relation_of(node)
        if _is_view(node):
            return None if mark and table in self.state.views else {"anew": True}
        if mark is None or self.state.tables.get(table) != mark.table_id or not self.state.can_tell(mark.snapshot):
            return {"anew": True}
        changed = [one for one in self._inputs(node) if self._is_changed(one, mark, plan)]
        return self._brought_up(node, mark, changed, plan) if changed else None

    def _brought_up(self, node: Any, mark: Mark, changed: list[str], plan: Plan) -> dict[str, Any]:
        """Return how a table is brought up to date whose inputs changed, or may change in this build."""
        sure = [one for one in changed if self._is_sure(one, mark, plan)]
        maybe = {one for one in changed if one not in sure}
        parts = self._in_parts(node, mark, sure, maybe, plan)
        read = {one for one in maybe if self._table(one) in parts.get("tables", [])}
        return {
            "is_sure": bool(sure),
            "after": self.state.snapshot,
            "maybe": sorted(self._id(one) for one in maybe),
            "whole": sorted(self._id(one) for one in maybe - read),
            **parts,
        }

    def _in_parts(self, node: Any, mark: Mark, sure: list[str], maybe: set[str], plan: Plan) -> dict[str, Any]:
        """Return the inputs that touch a part of the table only; nothing where a changed one may touch all of it."""
        parts = node.config.meta.get("parts")
        if parts is None:
            return {}
        read = {one: self._table(one) for one in self._inputs(node) if self._table(one).split(".")[1] in parts["of"]}
        is_later = any(self._is_clock(one) for one in sure)
        can_wait = parts.get("waiting") and mark.as_of and self.state.as_of and mark.as_of <= self.state.as_of
        touching = [one for one in sure if not self._is_clock(one)]
        if is_later and not can_wait or any(one not in read for one in touching):
            return {}
        if any(self._is_hidden(one, mark.snapshot, plan) for one in (*touching, *(maybe & read.keys()))):
            return {}
        changed = [read[one] for one in (*touching, *(maybe & read.keys()))]
        return {"since": mark.snapshot + 1, "tables": sorted(read.values()), "changed": sorted(changed),
                "is_later": is_later}  # fmt: skip

    def _is_sure(self, name: str, mark: Mark, plan: Plan) -> bool:
        """Whether an input has changed, and not only may be changed by this build."""
        if self._is_clock(name):
            # a build between the builds has another clock, so that its table tells nothing of what this one said last
            return mark.as_of != self.state.as_of
        is_rewritten = name in plan.models and name not in plan.how
        return is_rewritten or self.state.is_changed(self._table(name), mark.snapshot)

    def _is_clock(self, name: str) -> bool:
        return self._table(name) in CLOCKS.values()

    def _is_hidden(self, name: str, since: int, plan: Plan) -> bool:
        """Whether the changes of an input cannot be told row by row: it was made anew since, or is about to be."""
        return self.state.is_made(self._table(name), since) or (name in plan.models and name not in plan.how)

    def _id(self, name: str) -> int:
        return self.state.tables[self._table(name)]

    def _is_changed(self, name: str, mark: Mark, plan: Plan) -> bool:
        return name in plan.models or self._is_sure(name, mark, plan)

    def _inputs(self, node: Any) -> list[str]:
        """Return the tables that a node reads, through views."""
        return list(dict.fromkeys(self._tables_under(node)))

    def _tables_under(self, node: Any) -> Iterator[str]:
        for name in node.depends_on_nodes:
            above = self.manifest.nodes.get(name)
            if above is not None and _is_view(above):
                # a view that is about to say something else counts as changed, too
                yield name
                yield from self._tables_under(above)
            else:
                yield name

    def _table(self, name: str) -> str:
        known = self.manifest.nodes.get(name) or self.manifest.sources[name]
        return relation_of(known)


def ancestors(manifest: Any) -> dict[str, set[str]]:
    """Return for each node all that it stands on."""
    nodes = manifest.nodes

    @cache
    def of(node_id: str) -> frozenset[str]:
        direct = nodes[node_id].depends_on_nodes if node_id in nodes else []
        return frozenset(direct).union(*(of(one) for one in direct))

    return {node_id: set(of(node_id)) for node_id in nodes}


def blocked(manifest: Any, failed: Iterable[str]) -> set[str]:
    """Return the models that a failed node casts doubt on: itself or what it tests, and what stands on all of that."""
    above, doubtful = ancestors(manifest), set[str]()
    for name in failed:
        node = manifest.nodes[name]
        judged = set(node.depends_on_nodes) if node.resource_type == "test" else {name}
        doubtful |= judged | {one for one in above if judged and judged <= above[one]}
    return {one for one in doubtful if one.startswith("model.")}


def _is_view(node: Any) -> bool:
    return node.resource_type == "model" and node.config.materialized == "view"


def relation_of(node: Any) -> str:
    """Return the `schema.name` of what a node or source is in the lake."""
    return f"{node.schema}.{getattr(node, 'alias', None) or node.identifier}"
