"""Reads the kept pages of a delivery into DataFrames of text, in batches that bound memory."""

from contracts.pages.batches import Batch, read_batches
from contracts.pages.page import UnreadablePage

__all__ = ["Batch", "UnreadablePage", "read_batches"]
