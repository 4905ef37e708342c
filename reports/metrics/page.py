"""The page of all metrics, in Markdown: what each says, how it is worked out, who is counted, and where it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reports.metrics.cohort import choices_of, cohort, records_of
from reports.metrics.model import Metric, Rule
from reports.metrics.registry import Registry, formula_of
from reports.words import TEXTS

INTRODUCTION = """\
<!-- made by `make fix` from dbt_project/metrics/*.yml: change it there -->
# Metrics 指标

Every figure of the marts and reports is defined once, in `dbt_project/metrics/`. A mart shows it by
`{{ metric("id") }}`; below its fewest records (n) it is blank. `civiclake explain METRIC` lists the variants of a
metric, and with `--a` and `--b` splits the difference between two of them into parts that sum exactly: each part is the
mean of what its rule changes over all orders in which the rules can change, so that no order is preferred.
"""


def page(registry: Registry, shown: Mapping[str, list[str]]) -> str:
    """Return the page; `shown` holds the columns of marts that show each metric."""
    owners = dict.fromkeys(metric.owner for metric in registry.values())
    parts = [INTRODUCTION]
    for owner in owners:
        headlines = [one for one in registry.values() if one.owner == owner and not one.variant_of]
        parts.append(f"## {owner}\n")
        parts += [_headline(metric, registry, shown) for metric in headlines]
    return "\n".join(parts)


def _headline(metric: Metric, registry: Registry, shown: Mapping[str, list[str]]) -> str:
    variants = [one for one in registry.values() if one.variant_of == metric.id]
    lines = _metric(metric, registry, shown, "###")
    if metric.records:
        lines += [f"Records: `marts.{metric.records.mart}`. The first choice of each rule is the headline's.", ""]
        lines += _table(("Rule", "规则", "Choices"), (_rule(rule) for rule in metric.records.rules))
    for variant in variants:
        lines += _metric(variant, registry, shown, "####")
    return "\n".join(lines)


def _metric(metric: Metric, registry: Registry, shown: Mapping[str, list[str]], level: str) -> list[str]:
    unit = TEXTS["unit"][metric.unit]
    facts = {
        "Formula": f"`{formula_of(metric, registry)}`",
        "Unit": f"{unit['en']} {unit['zh']}",
        "Who is counted, and when": metric.cohort,
        "Who is not": metric.exclusions,
        "Fewest records": f"{metric.minimum_n:,}",
    }
    if metric.rules:
        facts["Differs from the headline"] = "; ".join(_difference(metric, registry))
    if metric.records or metric.rules:
        told = cohort(records_of(metric, registry), choices_of(metric, registry))
        facts["Condition of a record"] = f"`{told.counted}`"
    facts["Shown in"] = ", ".join(f"`{column}`" for column in shown.get(metric.id, [])) or "`civiclake explain` only"
    head = [f"{level} {metric.id}", "", f"{metric.sentence.en}  ", metric.sentence.zh, ""]
    return head + _table(("", ""), facts.items())


def _difference(metric: Metric, registry: Registry) -> Iterable[str]:
    rules = {rule.id: rule for rule in records_of(metric, registry).rules}
    for name, choice in (metric.rules or {}).items():
        words = rules[name].choices[choice].words
        yield f"{rules[name].title.en}: {words.en} ({rules[name].title.zh}：{words.zh})"


def _rule(rule: Rule) -> tuple[str, str, str]:
    choices = (f"{choice.words.en} {choice.words.zh}" for choice in rule.choices.values())
    return rule.title.en, rule.title.zh, "; ".join(choices)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    told = (" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows)
    return [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}", *(f"| {row} |" for row in told), ""]
