"""Voice: what the local news writes (RSS) and what residents post in the forum (Atom), in English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from random import Random

from sandbox.clock import ZONE, at, local_offset
from sandbox.feed import Event, Feed, Record
from sandbox.places import DISTRICTS, District
from sandbox.residents import Resident, residents
from sandbox.world import World

NEWS_RATE, NEWS_WINDOW = 18, 60
FORUM_RATE, FORUM_WINDOW = 30, 120
REACHES_BACK_DAYS = 10
TOPICS = (
    ("street lights", "路灯", "Half of the lamps by the river were dark.", "车站到河边一半路灯不亮。"),
    ("waste collection", "垃圾清运", "Bins stood full for a week in several streets.", "好几条街的垃圾桶满了一周。"),
    ("road works", "道路施工", "The detour adds fifteen minutes to the way to school.", "绕行让上学多花十五分钟。"),
    ("the library", "图书馆", "Opening on Sundays is welcome, say readers.", "读者欢迎周日开放。"),
    ("bus line 7", "七路公交", "Two of three buses were late in the morning.", "早上三班车有两班晚点。"),
    ("flood walls", "防洪墙", "The council wants to raise the wall by half a metre.", "市里打算把防洪墙加高半米。"),
    ("night noise", "夜间噪音", "Bars and residents look for an agreement.", "酒吧与居民寻求协议。"),
    ("day care places", "托儿名额", "Ninety families are still waiting for a place.", "还有九十个家庭在等名额。"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Event):
    """One news item or forum post; `known_at` is when it was published, `edited_at` when it was changed, if ever."""

    title: str
    text: str
    text_edited: str
    language: str
    district: District | None
    author: Resident | None
    edited_at: datetime | None

    def is_edited(self, now: datetime) -> bool:
        """Whether the change has happened at an instant."""
        return self.edited_at is not None and self.edited_at <= now


def _subject(language: str, dice: Random) -> tuple[str, str, District | None]:
    name, name_zh, text, text_zh = dice.choice(TOPICS)
    district = dice.choice(DISTRICTS) if dice.random() < 0.7 else None
    if language == "zh":
        return f"{district.name_zh if district else '全市'}：{name_zh}", text_zh, district
    return f"{name.capitalize()} in {district.name if district else 'the city'}", text, district


def _news_item(world: World, key: str, published_at: datetime, dice: Random) -> Item:
    language = dice.choices(("en", "zh"), (7, 3))[0]
    title, text, district = _subject(language, dice)
    return Item(
        key=key,
        known_at=published_at,
        title=title,
        text=text,
        text_edited=text,
        language=language,
        district=district,
        author=None,
        edited_at=None,
    )


def _signed(text: str, author: Resident, dice: Random) -> str:
    """One post in six ends with the author's own name, number or address."""
    chance, is_zh = dice.random(), author.language == "zh"
    if chance < 0.06:
        return text + (f" 我是{author.name}。" if is_zh else f" Yours, {author.name}")
    if chance < 0.11:
        return text + (f" 电话 {author.phone}" if is_zh else f" Call me: {author.phone_in_text}")
    if chance < 0.16:
        return text + f" {author.email}"
    return text


def _forum_post(world: World, key: str, published_at: datetime, dice: Random) -> Item:
    author = dice.choice(residents(world))
    title, text, district = _subject(author.language, dice)
    signed = _signed(text * dice.choices((1, 3, 14), (80, 17, 3))[0], author, dice)
    is_edited, hours = dice.random() < 0.12, dice.uniform(3, 30)
    return Item(
        key=key,
        known_at=published_at,
        title=title,
        text=signed,
        text_edited=signed + (" （已更新）" if author.language == "zh" else " (edited: it has got worse)"),
        language=author.language,
        district=district,
        author=author,
        edited_at=(published_at + timedelta(hours=hours)).replace(microsecond=0) if is_edited else None,
    )


def news_items(world: World) -> list[Item]:
    """The news of the last days, the oldest first."""
    return [
        _news_item(world, f"riverbend-news-{300 + day:03d}{i:03d}", published_at, dice)
        for day, dice, count in world.daily("news", NEWS_RATE, REACHES_BACK_DAYS)
        for i, published_at in enumerate(sorted(at(day, dice.randrange(86_400)) for _ in range(count)))
    ]


def forum_posts(world: World) -> list[Item]:
    """The posts of the last days, the oldest first."""
    return [
        _forum_post(world, f"tag:forum.riverbend.example,2026:post-{300 + day:03d}{i:03d}", published_at, dice)
        for day, dice, count in world.daily("forum", FORUM_RATE, REACHES_BACK_DAYS)
        for i, published_at in enumerate(sorted(at(day, dice.randrange(86_400)) for _ in range(count)))
    ]


def news_record(item: Item, _now: datetime) -> Record:
    """The elements of one RSS 2.0 item."""
    return {
        "guid": item.key,
        "title": item.title,
        "link": f"https://news.riverbend.example/{item.key}",
        "pubDate": format_datetime(item.known_at.astimezone(ZONE)),
        "description": item.text,
        "category": item.district.code if item.district else None,
    }


def post_record(item: Item, now: datetime) -> Record:
    """The elements of one Atom entry; the author is a pair of name and e-mail."""
    is_edited = item.is_edited(now)
    changed_at = item.edited_at if is_edited and item.edited_at else item.known_at
    return {
        "id": item.key,
        "title": item.title,
        "link": f"https://forum.riverbend.example/{item.key.rsplit('-', 1)[1]}",
        "published": local_offset(item.known_at),
        "updated": local_offset(changed_at),
        "summary": item.text_edited if is_edited else item.text,
        "author": {"name": item.author.name, "email": item.author.email} if item.author else None,
        "category": item.district.code if item.district else None,
    }


NEWS = Feed("voice__news", news_items, news_record, window=NEWS_WINDOW)
FORUM = Feed("voice__forum", forum_posts, post_record, "updated", local_offset, FORUM_WINDOW)
