"""DOORS: one module a kind of system, which knows how to ask it and keeps what came, byte for byte."""

from extractors.delivery import Delivery, Receipt, Waiver, delivery_place
from extractors.errors import DamagedDelivery, FetchError
from extractors.fetch import fetch
from extractors.question import Window
from extractors.replay import keep_again

__all__ = [
    "DamagedDelivery", "Delivery", "FetchError", "Receipt", "Waiver", "Window", "delivery_place", "fetch", "keep_again",
]  # fmt: skip
