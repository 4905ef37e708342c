"""ANSWERS: the morning report, from the published figures to pages that managers open."""

from reports.build import report
from reports.facts import ReportError
from reports.run import RunFacts

__all__ = ["ReportError", "RunFacts", "report"]
