"""The registry's files: strict, and a mistake is told with its line and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from cities.home import PROJECT
from reports.metrics import MetricError, read_registry
from reports.metrics.generate import PAGE, SCHEMA, generate, main

WAITING = """\
- id: late_share
  sentence: {en: Late ones., zh: 迟到的。}
  numerator: late_count
  denominator: due_count
  cohort: by the day due
  exclusions: none
  minimum_n: 2
  unit: share
  owner: services
  records:
    mart: requests
    success: is_late
    rules:
      - id: day
        title: {en: Day, zh: 日期}
        choices:
          due: {words: {en: due, zh: 期限日}, day: due_date}
          closed: {words: {en: closed, zh: 办结日}, counted: closed_date is not null, day: closed_date}
- id: late_by_closing_share
  sentence: {en: Late ones by closing., zh: 按办结日统计的迟到。}
  cohort: by the day closed
  exclusions: none
  minimum_n: 1
  unit: share
  owner: services
  variant_of: late_share
  rules: {day: closed}
"""


def refusal(folder: Path, text: str, name: str = "waiting.yml") -> str:
    (folder / name).write_text(text)
    with pytest.raises(MetricError) as caught:
        read_registry(folder)
    return str(caught.value).replace(f"{folder}/", "")


def test_headlines_and_variants_are_read(tmp_path: Path) -> None:
    (tmp_path / "waiting.yml").write_text(WAITING)
    registry = read_registry(tmp_path)
    assert list(registry) == ["late_share", "late_by_closing_share"]
    assert registry["late_share"].sentence.zh == "迟到的。"
    assert registry["late_by_closing_share"].rules == {"day": "closed"}


MISTAKES = {
    "unknown key": ("minimum_n: 2", "minimun_n: 2", "waiting.yml:7: 0.minimun_n: unknown key; allowed: cohort"),
    "one language": ("{en: Late ones., zh: 迟到的。}", "Late.", "waiting.yml:2: 0.sentence: write it in both"),
    "missing language": ("Late ones., zh: 迟到的。", "Late ones.", "waiting.yml:2: 0.sentence.zh: Field required"),
    "third language": ("Late ones., ", "Late ones., fr: x, ", "0.sentence.fr: unknown key; allowed: en, zh"),
    "key of records": ("success: is_late", "sucess: is_late", "waiting.yml:12: 0.records.sucess: unknown key; allow"),
    "key of a choice": ("day: due_date}", "days: due_date}", "waiting.yml:17: 0.records.rules.0.choices.due.days: unk"),
    "unit": ("  unit: share", "  unit: shares", "waiting.yml:8: 0.unit: reports/texts/unit.yml has no unit 'shares'"),
    "minimum": ("minimum_n: 2", "minimum_n: 0", "0.minimum_n: Input should be greater than or equal to 1"),
    "headline": ("variant_of: late_share", "variant_of: late_shar", "26: 1.variant_of: no metric 'late_shar'; did"),
    "rule": ("{day: closed}", "{days: closed}", "27: 1.rules: 'late_share' has no rule 'days'; did you mean day?"),
    "choice": ("{day: closed}", "{day: close}", "27: 1.rules: rule 'day' has no choice 'close'; did you mean closed?"),
    "id": ("id: late_by_closing_share", "id: late_share", "waiting.yml:19: 1.id: 'late_share' is defined in"),
    "no figure": ("  denominator: due_count\n", "", "0: give `denominator`, and one of `numerator` and `value`"),
    "two figures": ("  cohort: by the day due", "  value: avg(x)\n  cohort: c", "0: give one of `numer"),
    "day missing": (", day: closed_date", "", "0.records: each choice of 'day' needs its `day`"),
    "day twice": ("success: is_late", "success: is_late\n    day: due_date", "0.records: give `day` once"),
    "rules of a headline": ("  variant_of: late_share\n", "", "1: only a variant has `rules`"),
    "repeated key": ("id: late_share", "id: late_share\n  id: other", "key 'id' is given twice"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, mistake: str) -> None:
    old, new, told = MISTAKES[mistake]
    assert old in WAITING
    assert told in refusal(tmp_path, WAITING.replace(old, new, 1))


def test_an_id_is_unique_over_all_files(tmp_path: Path) -> None:
    (tmp_path / "again.yml").write_text(WAITING)
    assert "waiting.yml:1: 0.id: 'late_share' is defined in" in refusal(tmp_path, WAITING)


def test_a_variant_has_one_headline_and_its_unit(tmp_path: Path) -> None:
    other = WAITING + (
        "- {id: third, sentence: {en: A., zh: 甲。}, cohort: c, exclusions: none, minimum_n: 1, owner: services, "
    )
    assert "'late_by_closing_share' is a variant itself; name its headline 'late_share'" in refusal(
        tmp_path, other + "unit: share, variant_of: late_by_closing_share, rules: {day: due}}\n"
    )
    (tmp_path / "minutes").mkdir()
    assert "2.unit: variants share their unit, which is 'share'" in refusal(
        tmp_path / "minutes", other + "unit: minutes, variant_of: late_share, rules: {day: due}}\n"
    )


def test_generated_files_are_up_to_date() -> None:
    stale = generate(PROJECT, check=True)
    assert not stale, f"run `make fix`: {', '.join(map(str, stale))} no longer follow from the metric registry"


def test_checking_names_the_stale_files_and_ends_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.metrics.generate.PROJECT", tmp_path)
    assert CliRunner().invoke(main).exit_code == 0
    assert CliRunner().invoke(main, ["--check"]).exit_code == 0
    for path in (SCHEMA, PAGE):
        (tmp_path / path).write_text("changed by hand")
    checked = CliRunner().invoke(main, ["--check"])
    assert (checked.exit_code, checked.stdout) == (1, f"{SCHEMA}\n{PAGE}\n")
    assert (tmp_path / PAGE).read_text() == "changed by hand"


def test_the_page_tells_every_metric_and_where_it_is_shown() -> None:
    text = (PROJECT / PAGE).read_text()
    assert {line.split()[-1] for line in text.splitlines() if line.startswith("###")} == set(read_registry())
    part = text.partition("### due_on_time_share\n")[2].partition("\n### ")[0]
    for told in (
        "the share that was closed by it.", "按期办结的比例。", "`due_on_time_count / due_count`",
        "`service_levels_daily.due_on_time_share`", "#### closed_on_time_share", "Open late requests: left out",
    ):  # fmt: skip
        assert told in part
