"""What can be wrong with a record or a delivery: each rule once, with the words that people read.

A rule belongs to one dimension of quality and has one strength: `refuse` stops the delivery, `set_aside` stops the
record, `warn` tells the steward. Rules of one kind of record stand in that kind's module, declared by `rule`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import time
from typing import Any, Literal

import pandera.polars as pa
import polars as pl

Dimension = Literal["complete", "unique", "consistent", "valid", "accurate"]
Strength = Literal["refuse", "set_aside", "warn"]


@dataclass(frozen=True)
class Rule:
    """One rule: its id, the dimension it measures, how hard it is, and its reason in words."""

    id: str
    dimension: Dimension
    strength: Strength
    en: str
    zh: str


@dataclass(frozen=True)
class KindRule:
    """A rule between fields of one kind of record: what holds for a good one, and the field it is told about."""

    rule: Rule
    field: str
    holds: Callable[[Any], pl.Expr]


GENERAL = {
    rule.id: rule
    for rule in [
        Rule("blank", "complete", "set_aside", "A required value is blank", "必填项为空"),
        Rule("unreadable", "valid", "set_aside", "A value could not be read", "数值无法识别"),
        Rule("unknown_code", "valid", "set_aside", "A code is not on the agreed list", "代码不在约定清单内"),
        Rule("not_allowed", "valid", "set_aside", "A value is not one of those allowed", "数值不在允许范围内的选项中"),
        Rule("out_of_range", "valid", "set_aside", "A number is outside the range allowed", "数字超出允许范围"),
        Rule("malformed", "valid", "set_aside", "A value is not written as agreed", "数值的书写格式不符合约定"),
        Rule(
            "malformed_record", "valid", "set_aside", "A record is damaged and cannot be read", "记录已损坏，无法读取"
        ),
        Rule(
            "local_time_missing",
            "valid",
            "set_aside",
            "A local time fell in the hour that clocks skip",
            "当地时间落在夏令时跳过的一小时内",
        ),
        Rule(
            "local_time_twice",
            "valid",
            "warn",
            "A local time happened twice that night; the first was taken",
            "当地时间在换钟当晚出现两次，已取第一次",
        ),
        Rule(
            "unknown_area",
            "consistent",
            "set_aside",
            "The district code is not on the city's list",
            "区域代码不在本市清单内",
        ),
        Rule("in_the_future", "accurate", "set_aside", "A date is in the future", "日期在未来"),
        Rule(
            "duplicate",
            "unique",
            "warn",
            "An exact copy of a record in the same delivery",
            "同一批次中完全相同的重复记录",
        ),
        Rule(
            "ambiguous",
            "unique",
            "set_aside",
            "Two versions of one record disagree and neither is newer",
            "同一记录有两个互相矛盾且无法分辨新旧的版本",
        ),
        Rule(
            "unreadable_page",
            "valid",
            "refuse",
            "A part of the delivery is damaged and cannot be read",
            "批次中有部分内容已损坏，无法读取",
        ),
        Rule(
            "layout_removed",
            "consistent",
            "refuse",
            "The source no longer sends a field that is needed",
            "来源不再提供所需字段",
        ),
        Rule("layout_added", "consistent", "warn", "The source sends a new field", "来源新增了字段"),
        Rule(
            "layout_reworded",
            "consistent",
            "warn",
            "A field comes under another of its agreed names",
            "字段改用了另一个约定名称",
        ),
        Rule("encoding_guessed", "valid", "warn", "The encoding of a file was guessed", "文件编码系推测得出"),
        Rule("retyped", "valid", "refuse", "A field is now written in another way", "字段的书写方式已改变"),
        Rule(
            "row_count", "complete", "refuse", "The number of records is outside what is usual", "记录数量超出正常范围"
        ),
        Rule(
            "count_mismatch",
            "complete",
            "warn",
            "Fewer or more records came than the source says it has",
            "收到的记录数与来源所称数量不符",
        ),
        Rule(
            "empty_answer", "complete", "warn", "The source answered with no record at all", "来源返回了空结果"
        ),
        Rule(
            "possible_gap", "complete", "warn", "The source may have lost records for us", "来源可能未能为本市保留记录"
        ),
        # judged by the lake at load time, which alone knows the records before
        Rule(
            "short_snapshot",
            "complete",
            "refuse",
            "The answer lacks most of the records known before",
            "返回的数据缺少大部分已知记录",
        ),
        Rule(
            "set_aside_share", "valid", "refuse", "More than half of the records broke a rule", "超过一半的记录违反规则"
        ),
    ]
}


def not_before(later: str, earlier: str, zone: str) -> pl.Expr:
    """Return the expression that holds where one instant lies no earlier than another.

    Local midnight is how systems write a date without a time: of such a `later` only the days are compared.
    """
    there, then = pl.col(later).dt.convert_time_zone(zone), pl.col(earlier).dt.convert_time_zone(zone)
    return (there >= then) | ((there.dt.time() == time()) & (there.dt.date() >= then.dt.date()))


def rule(
    id: str,
    *,
    field: str,
    dimension: Dimension = "consistent",
    strength: Strength = "set_aside",
    en: str = "",
    zh: str = "",
) -> Callable[[Callable[[Any], pl.Expr]], Any]:
    """Declare a rule between fields of one kind: the method returns the expression that holds for a good record.

    Where a value is blank the expression is null, and the rule says nothing; `_zone` of the class is the city's time
    zone. Without words the id is that of a general rule, seen in another dimension. A rule that stops a record is a
    pandera check of the model too, so that pandera stands behind what is loaded; a warning is not, because pandera
    would stop it.
    """
    known = replace(GENERAL[id], dimension=dimension) if not en else Rule(id, dimension, strength, en, zh)

    def declare(holds: Callable[[Any], pl.Expr]) -> Any:
        def check(cls: Any, data: Any) -> pl.LazyFrame:
            return data.lazyframe.select(holds(cls).fill_null(True).alias(id))

        check.__name__ = holds.__name__
        check.__doc__ = holds.__doc__
        check.kind_rule = KindRule(known, field, holds)  # type: ignore[attr-defined]
        return pa.dataframe_check(check, name=id) if strength == "set_aside" else classmethod(check)

    return declare
