"""The services of the hotline and of the parks line, and what residents write about them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Service:
    """One service a resident can ask for; `target_days` is the promised time, None where nothing is promised."""

    code: str
    name: str
    agency: str
    target_days: int | None
    weight: int
    text: str
    text_zh: str


CITY_SERVICES = (
    Service("POT", "Pothole", "Streets", 7, 18, "Deep pothole, cars swerve.", "路面有深坑，车辆绕行。"),
    Service("GRF", "Graffiti removal", "Streets", 5, 9, "Graffiti on a wall.", "临街墙面有涂鸦。"),
    Service("SIG", "Traffic signal fault", "Streets", 1, 5, "The signal stays red for minutes.", "红绿灯长时间不变。"),
    Service("LGT", "Street light out", "Lighting", 5, 14, "The street light is dark.", "路灯已经几天不亮了。"),
    Service("GAR", "Missed collection", "Sanitation", 2, 17, "Our bins were not emptied.", "这周垃圾没有清运。"),
    Service("RAT", "Rodents", "Health", 10, 7, "Rats behind the building.", "楼后有老鼠，越来越多。"),
    Service("NOI", "Noise", "Police", 3, 8, "Loud music until three at night.", "凌晨三点还在放音乐。"),
    Service("WAT", "Water leak", "Water", 1, 6, "Water comes up through the pavement.", "人行道下面在冒水。"),
    Service("BLD", "Unsafe building", "Buildings", 21, 6, "Bricks fall from the cornice.", "屋檐有砖块掉落。"),
    Service("INF", "Information", "City Hall", None, 10, "When is the office open?", "市民服务窗口几点开门？"),
)  # fmt: skip

PARK_SERVICES = (
    Service("TRE", "Fallen tree or branch", "Parks", 3, 8, "A branch lies across the path.", "大树枝横在路上。"),
    Service("PLY", "Broken play equipment", "Parks", 7, 6, "The swing is broken.", "游乐场的秋千坏了。"),
    Service("GRS", "Grass and planting", "Parks", 14, 6, "The grass is knee high.", "草长到膝盖高了。"),
    Service("BEN", "Bench or bin damaged", "Parks", 14, 5, "The bench by the pond is broken.", "池塘边的长椅坏了。"),
)  # fmt: skip
