"""What people write about the city."""

from __future__ import annotations

from contracts.fields import Instant, Record, area, field


class OpinionItem(Record):
    """One row for each item that somebody published: an article, a post, an answer to a consultation."""

    class Config:
        """What holds for the kind as a whole."""

        metadata = {
            "version": "1.0.0", "subject": "author", "retention_years": 2, "grows": True,
            "standard": "RSS 2.0 and Atom",
        }

    item_id: str = field("Item", "The source's id of the item.", key=True)
    source_code: str = field("Source", "Code of the source that published it.", required=True)
    published_at: Instant = field("Published at", "When it was published.", required=True, not_future=True)
    updated_at: Instant = field("Updated at", "When the source last changed it.", stamp=True)
    title: str = field("Title", required=True, classification="personal", privacy="mask")
    body: str = field(
        "Text", "The first 500 characters of what was written.", classification="personal", privacy="mask", cut=500
    )
    language: str = field("Language", "Two-letter code (ISO 639-1), like en or zh.", pattern="^[a-z]{2}$")
    url: str = field("Address on the web")
    author: str = field("Author", classification="personal", privacy="drop")
    area_code: str = area()
