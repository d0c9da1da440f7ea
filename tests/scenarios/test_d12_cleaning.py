"""D12: phones, addresses, units and repeated lines are standardised by rules; before and after are shown; a source has a score."""

from __future__ import annotations

from typing import Any

from test_d09_files import finished, upload
from town import Town, ok

MESSY = """会员号,姓名,手机号,地址
D12-1, 钱 一 ,１３７ １２１２ ０００１,广东省深圳市南山区科技园1号
D12-2,钱二,+86-137-1212-0002,上海市徐汇区漕溪路
D12-2,钱二,+86-137-1212-0002,上海市徐汇区漕溪路
D12-3,钱三,电话,
"""


def columns(seen: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["field"]: one for one in seen["columns"]}


def test_d12_a_messy_file_is_cleaned_by_rules_on_screen(commons: Town) -> None:
    town, who = commons, commons.person("marketing")
    file = upload(who, MESSY.encode(), "乱.csv", source="d12-till")
    path = f"/v1/imports/{file['id']}"
    assert {one["name"] for one in file["rules"]} >= {"phone", "region", "units", "once", "strict"}
    rules = [*file["cleaning"], "once"]
    plain, cleaned = (ok(who.post(f"{path}/preview", {"cleaning": one})) for one in ([], rules))
    assert plain["sample"][0]["cells"] == plain["sample"][0]["cleaned"]
    assert cleaned["sample"][0]["cells"][2] == "１３７ １２１２ ０００１"
    assert cleaned["sample"][0]["cleaned"][2:] == ["+8613712120001", "广东省深圳市南山区科技园1号", "深圳", "南山区"]
    change = columns(cleaned)["phone"]["changes"]
    assert {"before": "+86-137-1212-0002", "after": "+8613712120002"} in change
    assert columns(cleaned)["phone"]["valid"] == 0.75, "one cell of four is no phone"
    assert cleaned["sample"][2]["note"]["zh"] == "与第 3 行完全相同，只算一次"
    assert (cleaned["repeated"], cleaned["forecast"]["people_made"]) == (1, 3)
    assert cleaned["score"] < 100
    ok(who.post(f"{path}/start", {"cleaning": rules}))
    done = finished(town, who, path)
    assert (done["accepted"], done["duplicates"], done["left_out"], done["quality"]) == (3, 0, 2, cleaned["score"])
    (one,) = town.until(lambda: ok(who.get("/v1/customers", q="D12-1"))["items"], "she is there")
    town.until(lambda: ok(who.get(f"/v1/customers/{one['id']}"))["city"] == "深圳", "with her city")
    sources = {one["source"]: one for one in ok(who.get("/v1/imports/sources"))}
    assert sources["d12-till"]["score"] == cleaned["score"]


def test_d12_units_of_an_orders_file(commons: Town) -> None:
    who = commons.person("marketing")
    day = commons.ago(days=2)[:10]
    body = f"订单号,下单时间,手机号,商品编码,数量,行金额\nD12-A,{day} 10:00,13712120009,p1,3件,￥1.2万\n"
    answer = who.client.post(
        "/v1/imports",
        files={"file": ("订单.csv", body.encode(), "text/csv")},
        data={"kind": "order", "source": "d12-orders"},
        headers={"X-CSRF-Token": who.csrf},
    )
    seen = ok(who.post(f"/v1/imports/{ok(answer)['id']}/preview", {}))
    assert seen["sample"][0]["cleaned"][4:] == ["3", "12000"]
    assert (seen["forecast"]["new"], seen["problems"]) == (1, [])
