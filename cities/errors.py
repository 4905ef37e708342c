"""The error that a mistake in a city file raises."""

from __future__ import annotations


class CityError(ValueError):
    """A city folder or file cannot be used; the message names file, line, what is wrong and what is allowed."""
