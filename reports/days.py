"""Days, times and deadlines as people of each language write them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

# names of our own: strftime's follow the locale of the machine
WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS_EN = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAYS_ZH = "一二三四五六日"
NOON, EVENING = time(12), time(17)


def long(day: date, language: str) -> str:
    """Return "Monday 23 November 2026" or "2026年11月23日 星期一"."""
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日 星期{WEEKDAYS_ZH[day.weekday()]}"
    return f"{WEEKDAYS_EN[day.weekday()]} {short(day, language)} {day.year}"


def short(day: date, language: str) -> str:
    """Return "23 November" or "11月23日"."""
    return f"{day.month}月{day.day}日" if language == "zh" else f"{day.day} {MONTHS_EN[day.month - 1]}"


def past(day: date, today: date) -> dict[str, str]:
    """Return a day in both languages, with its year where that is not the one that readers take it for."""
    en, zh = short(day, "en"), short(day, "zh")
    return {"en": en, "zh": zh} if (today - day).days < 300 else {"en": f"{en} {day.year}", "zh": f"{day.year}年{zh}"}


def clock(at: time, language: str) -> str:
    """Return "6:42am" or "noon"; "6:42" in Chinese."""
    if language == "zh":
        return f"{at.hour}:{at.minute:02}"
    if at == NOON:
        return "noon"
    minute = f":{at.minute:02}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minute}{'am' if at.hour < 12 else 'pm'}"


def moment(at: datetime, language: str) -> str:
    """Return "6:42am on 23 November" or "11月23日 6:42"."""
    told = clock(at.time(), language)
    return f"{short(at.date(), language)} {told}" if language == "zh" else f"{told} on {short(at, language)}"


def next_at(now: datetime, hour: time) -> datetime:
    """Return the next instant of that local hour: today's where it is still to come, otherwise tomorrow's."""
    today = now.replace(hour=hour.hour, minute=hour.minute, second=0, microsecond=0)
    return today if today > now else today + timedelta(days=1)


def working_days_after(day: date, count: int) -> date:
    """Return the day that lies `count` working days (Monday to Friday) after another."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def weekday(day: date, language: str) -> str:
    """Return "Wednesday" or "星期三"."""
    return f"星期{WEEKDAYS_ZH[day.weekday()]}" if language == "zh" else WEEKDAYS_EN[day.weekday()]


def brief(day: date, language: str) -> str:
    """Return "23 Nov", for the axis of a chart; "11月23日" in Chinese."""
    return short(day, language) if language == "zh" else f"{day.day} {MONTHS_EN[day.month - 1][:3]}"
