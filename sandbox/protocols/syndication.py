"""RSS 2.0 (https://www.rssboard.org/rss-specification) and Atom (RFC 4287), the newest item first."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as xml

from sandbox.city import City
from sandbox.clock import local_offset
from sandbox.feed import Record
from sandbox.protocols.message import Answer, Request, as_file, not_found

ATOM = "http://www.w3.org/2005/Atom"
RSS_TYPE, ATOM_TYPE = "application/rss+xml; charset=utf-8", "application/atom+xml; charset=utf-8"
xml.register_namespace("", ATOM)


def _text(parent: xml.Element, name: str, text: str | None) -> None:
    if text is not None:
        xml.SubElement(parent, name).text = text


def _rss_item(channel: xml.Element, record: Record) -> None:
    item = xml.SubElement(channel, "item")
    for name, value in record.items():
        _text(item, name, value)
        if name == "guid":
            item[-1].set("isPermaLink", "false")


def rss(records: Sequence[Record], _city: City) -> bytes:
    """The news as RSS 2.0."""
    root = xml.Element("rss", version="2.0")
    channel = xml.SubElement(root, "channel")
    _text(channel, "title", "Riverbend News")
    _text(channel, "link", "https://news.riverbend.example/")
    _text(channel, "description", "News from Riverbend in English and Chinese")
    for record in reversed(records):
        _rss_item(channel, record)
    return xml.tostring(root, encoding="utf-8", xml_declaration=True)


def _atom_entry(feed: xml.Element, record: Record) -> None:
    entry = xml.SubElement(feed, f"{{{ATOM}}}entry")
    for name in ("id", "title", "published", "updated", "summary"):
        _text(entry, f"{{{ATOM}}}{name}", record[name])
    xml.SubElement(entry, f"{{{ATOM}}}link", rel="alternate", href=record["link"])
    if record["author"]:
        author = xml.SubElement(entry, f"{{{ATOM}}}author")
        _text(author, f"{{{ATOM}}}name", record["author"]["name"])
        _text(author, f"{{{ATOM}}}email", record["author"]["email"])
    if record["category"]:
        xml.SubElement(entry, f"{{{ATOM}}}category", term=record["category"])


def atom(records: Sequence[Record], city: City) -> bytes:
    """The forum as an Atom feed."""
    feed = xml.Element(f"{{{ATOM}}}feed")
    _text(feed, f"{{{ATOM}}}id", "tag:forum.riverbend.example,2026:forum")
    _text(feed, f"{{{ATOM}}}title", "Riverbend Forum")
    _text(feed, f"{{{ATOM}}}updated", local_offset(city.world.now))
    for record in reversed(records):
        _atom_entry(feed, record)
    return xml.tostring(feed, encoding="utf-8", xml_declaration=True)


class Channels:
    """The two channels of the department Voice."""

    def answer(self, request: Request, city: City) -> Answer:
        """Answer `news.rss` or `forum.atom`."""
        if request.path == "news.rss":
            return as_file(request, city, rss(city.records("voice__news"), city), RSS_TYPE)
        if request.path == "forum.atom":
            return as_file(request, city, atom(city.records("voice__forum"), city), ATOM_TYPE)
        return not_found(request)
