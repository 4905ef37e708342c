"""What the sensors on lamp posts measured (OGC SensorThings)."""

from __future__ import annotations

import polars as pl

from contracts.fields import Instant, Record, field
from contracts.rules import rule

PLAUSIBLE = {
    "illuminance": (0, 200_000),
    "pm2_5": (0, 2_000),
    "sound": (0, 194),
    "temperature": (-60, 60),
    "humidity": (0, 100),
    "rainfall": (0, 1_900),
}
"""What each property can be on earth, in lux, microgram per cubic metre, decibel, degree Celsius, per cent, mm."""

FAHRENHEIT = ("F", "°F", "degF")
KELVIN = ("K",)


def _in_celsius() -> pl.Expr:
    """Return a reading as the range of its property is written; only temperature is often told in other degrees."""
    unit, result = pl.col("unit_code"), pl.col("result")
    is_temperature = pl.col("property_code") == "temperature"
    from_fahrenheit = pl.when(is_temperature & unit.is_in(FAHRENHEIT)).then((result - 32) / 1.8)
    return from_fahrenheit.when(is_temperature & unit.is_in(KELVIN)).then(result - 273.15).otherwise(result)


class Observation(Record):
    """One row for each reading of one sensor."""

    class Config:
        """What holds for the kind as a whole."""

        metadata = {
            "version": "1.1.0", "subject": None, "retention_years": 5, "grows": True,
            "standard": "OGC SensorThings 1.1",
        }

    datastream_id: str = field("Datastream", "The series of readings that this one belongs to.", key=True)
    phenomenon_at: Instant = field("Measured at", "When it was measured.", key=True, not_future=True)
    result_at: Instant = field("Result at", "When the sensor gave the result.", stamp=True)
    lamp_post_id: str = field("Lamp post", "The post that carries the sensor.", required=True)
    property_code: str = field(
        "Property", "What was measured.", required=True,
        allowed=["illuminance", "pm2_5", "sound", "temperature", "humidity", "rainfall", "pressure", "power"],
    )  # fmt: skip
    unit_code: str = field("Unit", "Unit of the result, as the source writes it.", required=True)
    result: float = field("Result", "The reading.", required=True)
    quality: str = field("Quality", "What the source itself says of the reading.")

    @rule("out_of_range", field="result", dimension="accurate")
    def result_is_plausible(cls) -> pl.Expr:
        """A reading lies within what its property can be; a property without such a range is not judged."""
        wanted = pl.col("property_code")
        lowest = wanted.replace_strict({name: low for name, (low, _) in PLAUSIBLE.items()}, default=None)
        highest = wanted.replace_strict({name: high for name, (_, high) in PLAUSIBLE.items()}, default=None)
        return _in_celsius().is_between(lowest, highest)
