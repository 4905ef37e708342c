"""Writes the `checked` folder of a delivery: parts while it is judged, whole files at the end, seen by one rename."""

from __future__ import annotations

import errno
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from contracts.contract import Contract
from contracts.engine import closed_connection
from contracts.findings import FINDING, MOST_WARNINGS, Mark
from extractors.draft import draft_beside, remove_abandoned_drafts
from extractors.quoting import identifier, literal

Schema = dict[str, type[pl.DataType]]
ASIDE: Schema = {"rec": pl.Int64, "record_key": pl.String, "reasons": pl.String}
CHECK: Schema = {
    "rule": pl.String, "field": pl.String, "sender_field": pl.String, "dimension": pl.String, "strength": pl.String,
    "status": pl.String, "checked": pl.Int64, "failed": pl.Int64,
}  # fmt: skip


@dataclass
class Tally:
    """How often each rule was applied to each field, and how often it was broken, over all batches."""

    marks: dict[tuple[str, str], Mark] = field(default_factory=dict)
    checked: Counter[tuple[str, str]] = field(default_factory=Counter)
    failed: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, mark: Mark) -> None:
        """Count one mark."""
        at = (mark.rule.id, mark.field)
        self.marks[at] = mark
        self.checked[at] += mark.checked or 0
        self.failed[at] += len(mark.rows)

    def table(self, senders: dict[str, str]) -> pl.DataFrame:
        """Return one row for each rule and field, those that passed and those that could not run included."""
        rows = [self._row(at, mark, senders) for at, mark in self.marks.items()]
        return pl.DataFrame(rows, schema=CHECK, orient="row")

    def _row(self, at: tuple[str, str], mark: Mark, senders: dict[str, str]) -> tuple[object, ...]:
        rule = mark.rule
        broken = "warn" if rule.strength == "warn" else "fail"
        status = "not_run" if mark.checked is None else broken if self.failed[at] else "pass"
        sender = senders.get(mark.field)
        return (
            rule.id,
            mark.field or None,
            sender,
            rule.dimension,
            rule.strength,
            status,
            self.checked[at],
            self.failed[at],
        )


class CheckedDraft:
    """A `checked` folder in the making; leaving the `with` block without `publish` removes it."""

    def __init__(self, delivery: Path, contract: Contract) -> None:
        self.place = delivery / "checked"
        self.folder = draft_beside(self.place)
        self.contract = contract
        self.warned: Counter[tuple[str, str]] = Counter()
        self.parts = 0

    def __enter__(self) -> CheckedDraft:
        remove_abandoned_drafts(self.folder.parent)
        # an earlier process may have had this one's number
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700)
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def add(self, accepted: pl.DataFrame, findings: pl.DataFrame, set_aside: pl.DataFrame) -> None:
        """Write the parts of one batch."""
        good, again = self._parted(accepted)
        parts = {"good": good, "again": again, "finding": self._some(findings), "aside": set_aside}
        for name, part in parts.items():
            if len(part):
                _write(part, self.folder / f"{name}-{self.parts:05}.parquet")
        self.parts += 1

    def _parted(self, records: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Part the exact copies of records of the same batch from the others, which then need not be written twice."""
        if not len(records):
            return records, records
        first = records["_row_hash"].is_first_distinct()
        return (records, records.clear()) if first.all() else (records.filter(first), records.filter(~first))

    def _some(self, findings: pl.DataFrame) -> pl.DataFrame:
        """Leave out the warnings of a rule and field beyond those that are kept of a delivery."""
        pairs = ["rule", "field"]
        seen = pl.DataFrame(
            [(*pair, count) for pair, count in self.warned.items()],
            schema={"rule": pl.String, "field": pl.String, "seen": pl.Int64}, orient="row",
        )  # fmt: skip
        place = pl.int_range(pl.len()).over(pairs) + pl.col("seen").fill_null(0)
        some = findings.join(seen, on=pairs, how="left", maintain_order="left", nulls_equal=True)
        some = some.filter((pl.col("strength") != "warn") | (place < MOST_WARNINGS)).drop("seen")
        warnings = some.filter(pl.col("strength") == "warn")
        self.warned.update({(rule, name): count for rule, name, count in warnings.group_by(pairs).len().rows()})
        return some

    def repeated(self) -> pl.DataFrame:
        """Return the accepted records that repeat another: `_rec` and whether it is `duplicate` or `ambiguous`.

        Records of one key and stamp with the same content are copies, of which the first stays; with different
        content none of them can be trusted over the others.
        """
        parts = self._parts("good", "again")
        if not parts:
            return pl.DataFrame(schema={"_rec": pl.Int64, "rule": pl.String})
        keys = [
            identifier(name) for name in [*self.contract.key, *([self.contract.stamp] if self.contract.stamp else [])]
        ]
        matching = " AND ".join(f"good.{key} IS NOT DISTINCT FROM same.{key}" for key in keys)
        columns = ", ".join(keys)
        # of most deliveries all that is held is one number a record
        query = f"""
            WITH every AS (
                SELECT {columns}, _rec, _row_hash, hash({columns}) AS place
                FROM read_parquet([{", ".join(literal(part) for part in parts)}])),
            twice AS (SELECT place FROM every GROUP BY place HAVING count(*) > 1),
            good AS MATERIALIZED (FROM every SEMI JOIN twice USING (place)),
            same AS (
                SELECT {columns}, min(_rec) AS first, min(_row_hash) <> max(_row_hash) AS differs
                FROM good GROUP BY {columns} HAVING count(*) > 1)
            SELECT good._rec, CASE WHEN same.differs THEN 'ambiguous' ELSE 'duplicate' END AS rule
            FROM good JOIN same ON {matching} WHERE same.differs OR good._rec > same.first ORDER BY good._rec"""
        with closed_connection(self.folder) as connection:
            return connection.execute(query).pl()

    def keys(self, recs: pl.Series) -> pl.DataFrame:
        """Return the place and the key of the accepted records at these places."""
        wanted = pl.col("_rec").is_in(recs.implode())
        return pl.concat([found for part in self.good() if len(found := part.filter(wanted))])

    def good(self) -> Iterator[pl.DataFrame]:
        """Yield the place and the key of the records that broke no rule, part by part."""
        for part in self._parts("good", "again"):
            yield pl.read_parquet(part, columns=["_rec", *self.contract.key])

    def aside(self) -> pl.DataFrame:
        """Return the place and the name of the records that broke one."""
        parts = [pl.read_parquet(part, columns=["rec", "record_key"]) for part in self._parts("aside")]
        return pl.concat([pl.DataFrame(schema={"rec": pl.Int64, "record_key": pl.String}), *parts])

    def finish(self, without: pl.Series, places: pl.DataFrame) -> None:
        """Put the parts together, leaving out the repeated records; `places` gives each page's first record."""
        for part in self._parts("again"):
            part.unlink()
        for at, part in enumerate(self._parts("good")):
            accepted = self.folder / f"accepted-{at:05}.parquet"
            recs = pl.read_parquet(part, columns=["_rec"])["_rec"]
            if not recs.is_in(without.implode()).any():
                part.rename(accepted)
                continue
            kept = pl.read_parquet(part).filter(~pl.col("_rec").is_in(without.implode()))
            part.unlink()
            if len(kept):
                _write(kept, accepted)
        _write(self._taken("finding", FINDING), self.folder / "findings.parquet")
        _write(placed(self._taken("aside", ASIDE), places), self.folder / "set_aside.parquet")

    def refuse(self, set_aside: pl.DataFrame) -> None:
        """Keep nothing of the records but why all of them are set aside, and some of the findings."""
        for part in self._parts("good", "again", "aside"):
            part.unlink()
        place = pl.int_range(pl.len()).over("rule", "field")
        _write(self._taken("finding", FINDING).filter(place < MOST_WARNINGS), self.folder / "findings.parquet")
        _write(set_aside, self.folder / "set_aside.parquet")

    def publish(self) -> None:
        """Make the folder visible, in place of an earlier one."""
        shutil.rmtree(self.folder / "spill", ignore_errors=True)
        if self.place.exists():
            shutil.rmtree(self.place)
        try:
            self.folder.rename(self.place)
        except OSError as error:
            # another run was first, and judged the same pages
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise

    def _parts(self, *names: str) -> list[Path]:
        return sorted(part for name in names for part in self.folder.glob(f"{name}-*.parquet"))

    def _taken(self, name: str, schema: Schema) -> pl.DataFrame:
        """Read all parts of a name in the order of their records, and remove them."""
        paths = self._parts(name)
        parts = [pl.DataFrame(schema=schema), *(pl.read_parquet(path) for path in paths)]
        for path in paths:
            path.unlink()
        return pl.concat(parts).sort("rec", maintain_order=True)


def _write(table: pl.DataFrame, place: Path) -> None:
    """Write a file as the lake writes its own."""
    table.write_parquet(place, compression="zstd", compression_level=1)


def placed(recs: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Add to set-aside records the page of each and its position there, counted from 0."""
    found = recs.join_asof(places, left_on="rec", right_on="first")
    return found.select("rec", "page", (pl.col("rec") - pl.col("first")).alias("position"), "record_key", "reasons")
