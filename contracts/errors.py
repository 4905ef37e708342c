"""The error that stops a check."""

from __future__ import annotations


class ContractError(RuntimeError):
    """A delivery cannot be judged; the message says what, where and what to do, and holds no sender's value."""
