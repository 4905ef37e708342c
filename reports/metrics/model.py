"""What a file of the metric registry may say, as typed models: one list of metrics a file.

Every key is described here once; the JSON Schema for editors and the error messages come from these models.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, RootModel, model_validator
from pydantic import Field as option

MOST_RULES = 6
"""A difference is averaged over all orders of the rules: of six there are 720."""
NAME = r"^[a-z][a-z0-9_]*$"


class Strict(BaseModel):
    """A part of a file: unknown keys are mistakes and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Told(Strict):
    """One text in the languages of the reports."""

    en: str
    zh: str


def _not_one_language(value: Any) -> Any:
    if isinstance(value, str):
        raise ValueError("write it in both languages: {en: ..., zh: ...}")
    return value


Words = Annotated[Told, BeforeValidator(_not_one_language)]


class Choice(Strict):
    """One way to apply a rule."""

    words: Words
    counted: str | None = option(None, description="SQL condition that a record must meet to be counted")
    day: str | None = option(None, description="SQL of the local day on which it is counted; without one it is not")
    success: str | None = option(None, description="of a share: SQL in place of the records' own `success`")


class Rule(Strict):
    """Something on which variants of a metric may differ; the first choice is the headline's."""

    id: str = option(pattern=NAME)
    title: Words
    choices: dict[str, Choice] = option(min_length=2)

    @property
    def first(self) -> str:
        """The choice of the headline."""
        return next(iter(self.choices))


class Records(Strict):
    """How single records make a metric and its variants: SQL over the columns of a mart with one row a record."""

    mart: str = option(pattern=NAME, description="the mart with one row a record")
    columns: dict[str, str] = option({}, description="columns that the mart of records lacks: name to SQL")
    counted: str = option("true", description="SQL condition that holds for the records of every variant")
    day: str | None = option(None, description="SQL of the local day, unless a rule chooses it")
    success: str | None = option(None, description="of a share: SQL condition of the records in the numerator")
    rules: list[Rule] = option(min_length=1, max_length=MOST_RULES)

    @model_validator(mode="after")
    def _one_day(self) -> Records:
        rules = [rule for rule in self.rules if any(choice.day for choice in rule.choices.values())]
        if len(rules) + (self.day is not None) != 1:
            raise ValueError("give `day` once: here, or in the choices of one rule")
        if any(choice.day is None for rule in rules for choice in rule.choices.values()):
            raise ValueError(f"each choice of {rules[0].id!r} needs its `day`")
        if sum(any(choice.success for choice in rule.choices.values()) for rule in self.rules) > 1:
            raise ValueError("only one rule may change `success`: of two, neither would say what holds")
        return self


class Metric(Strict):
    """One figure: the only definition of it."""

    id: str = option(pattern=NAME)
    sentence: Words = option(description="what the figure says, as a sentence that a report can print")
    numerator: str | None = option(None, description="SQL over the columns of the mart that shows it")
    denominator: str | None = option(None, description="SQL of the n on which the figure rests")
    value: str | None = option(None, description="SQL aggregate, in place of a numerator")
    scale: float = option(1.0, description="the share is multiplied by this")
    cohort: str = option(description="which records, and on which day each is counted")
    exclusions: str = option(description="which records are left out")
    minimum_n: int = option(ge=1, description="below this denominator the figure is blank")
    unit: str = option(description="a unit of reports/texts/unit.yml")
    owner: str = option(description="the subject whose marts show it")
    variant_of: str | None = option(None, description="the headline from which it differs")
    records: Records | None = option(None, description="how records make it; of a headline with variants")
    rules: dict[str, str] | None = option(None, description="of a variant: the choices in which it differs, by rule")

    @model_validator(mode="after")
    def _one_figure(self) -> Metric:
        if self.records and self.variant_of:
            raise ValueError("a variant takes `records` from its headline")
        if self.rules and not self.variant_of:
            raise ValueError("only a variant has `rules`; a headline takes the first choice of each")
        if self.numerator and self.value:
            raise ValueError("give one of `numerator` and `value`")
        if not self.rules and (self.denominator is None or not (self.numerator or self.value)):
            raise ValueError("give `denominator`, and one of `numerator` and `value`")
        return self


class MetricsFile(RootModel[list[Metric]]):
    """The metrics of one subject."""
