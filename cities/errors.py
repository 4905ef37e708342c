"""What the work stands on and cannot be used, in words for the person who must mend it."""

from __future__ import annotations


class Unusable(Exception):
    """Nothing can start before this is mended; the message says what is wrong and what to do."""


class CityError(Unusable, ValueError):
    """A city folder or file cannot be used; the message names file, line, what is wrong and what is allowed."""


class SettingError(Unusable, ValueError):
    """An environment variable cannot be used; the message names it and says what to write."""
