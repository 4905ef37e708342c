"""The metric registry: what every figure means, told once in `dbt_project/metrics/`, and how two of them differ."""

from reports.metrics.model import Metric
from reports.metrics.registry import METRICS, MetricError, Registry, formula_of, read_registry

__all__ = ["METRICS", "Metric", "MetricError", "Registry", "formula_of", "read_registry"]
