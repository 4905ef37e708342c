"""DOORS: one module a kind of system, which knows how to ask it and keeps what came, byte for byte."""

from extractors.delivery import Delivery, Receipt
from extractors.errors import FetchError
from extractors.fetch import fetch
from extractors.question import Window

__all__ = ["Delivery", "FetchError", "Receipt", "Window", "fetch"]
