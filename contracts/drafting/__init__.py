"""Drafts a feed, and where no contract fits the contract too, from a sample of real records.

No value of a record is told but codes of short lists that do not look personal, and masked examples of findings.
"""

from contracts.drafting.draft import Draft, draft, unusable

__all__ = ["Draft", "draft", "unusable"]
