"""J13, its segmentation: owners who decorate, by floor area, stage and budget; live as any of the three changes."""

from __future__ import annotations

from typing import Any

import pytest
from town import Town, member, ok

BIG = "exists(attributes where name = '建筑面积' and number >= 120)"
RICH = "exists(attributes where name = '装修预算' and number >= 200000)"
DESIGNING = "exists(attributes where name = '装修阶段' and text = '设计')"


def owner(number: int, area: float | str, stage: str, budget: float, **more: Any) -> tuple[str, dict[str, Any]]:
    return member(f"J13-{number}", attrs={"建筑面积": area, "装修阶段": stage, "装修预算": budget}, **more)


@pytest.fixture(scope="module")
def owners(commons: Town) -> Town:
    told = [
        owner(
            number,
            (60, 89.5, 120, "143", 180)[number % 5],
            ("设计", "水电", "验收")[number % 3],
            80_000 * (number % 4 + 1),
        )
        for number in range(60)
    ]
    commons.tell(*told, mode="backfill", source="j13")
    commons.until(lambda: count(commons, BIG) == 36, "everybody's home is known")
    return commons


def count(town: Town, text: str) -> int:
    return int(ok(town.person("marketing").post("/v1/segments/preview", {"text": text}))["count"])


def test_j13_owners_fall_into_segments_by_area_stage_and_budget(owners: Town) -> None:
    sizes = {
        (n % 5 >= 2, n % 3 == 0, n % 4 >= 2): sum(
            1 for m in range(60) if (m % 5 >= 2, m % 3 == 0, m % 4 >= 2) == (n % 5 >= 2, n % 3 == 0, n % 4 >= 2)
        )
        for n in range(60)
    }
    for (big, designing, rich), wanted in sizes.items():
        parts = [part if yes else f"not {part}" for part, yes in ((BIG, big), (DESIGNING, designing), (RICH, rich))]
        text = " and ".join([*parts, "exists(attributes where name = '建筑面积')"])
        assert count(owners, text) == wanted, text


def test_j13_a_segment_follows_the_stage_at_once(owners: Town) -> None:
    who = owners.person("marketing")
    segment = ok(who.post("/v1/segments", {"name": "大宅设计期", "text": f"{BIG} and {DESIGNING} and {RICH}"}))["id"]
    owners.until(lambda: ok(who.get(f"/v1/segments/{segment}"))["status"] == "ready", "the segment is filled")
    before = ok(who.get(f"/v1/segments/{segment}"))["count"]
    owners.tell(owner(900, 160, "设计", 300_000, name="邹琳"), source="j13")
    owners.until(lambda: ok(who.get(f"/v1/segments/{segment}"))["count"] == before + 1, "she is in")
    (her,) = [one["id"] for one in ok(who.get("/v1/customers", q="MJ13-900"))["items"]]
    why = ok(who.get(f"/v1/segments/{segment}/explain/{her}"))
    assert why["is_member"] is True
    owners.tell(owner(900, 160, "验收", 300_000, name="邹琳"), source="j13")
    owners.until(lambda: ok(who.get(f"/v1/segments/{segment}"))["count"] == before, "she has moved on")


def test_j13_what_is_sensitive_no_expression_tells(owners: Town) -> None:
    admin = owners.person("admin")
    owners.tell(member("J13-950", attrs={"j13病史": "有"}), source="j13")
    text = "exists(attributes where name = 'j13病史')"
    owners.until(lambda: count(owners, text) == 1, "it is known")
    ok(admin.put("/v1/custom-fields", {"name": "j13病史", "privacy": "sensitive"}))
    assert count(owners, text) == 0
