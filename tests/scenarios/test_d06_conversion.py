"""D06: buyers of the Douyin live room are matched to members of the private domain; conversion is compared by source."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from town import Town, ok, order, shop

LIVE, MALL = "抖音直播", "小程序商城"


def buyer(number: str, account: str, at: str, channel: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """An order of somebody whom the platform knows by an account."""
    who = [{"kind": "online_account", "value": account, "scope": "douyin"}]
    kind, payload = order(number, "", at, "面霜", total="100.00", channel=channel, **more)
    return kind, payload | {"identifiers": who}


@pytest.fixture(scope="module")
def live(commons: Town) -> Town:
    """Four bought in the live room; two of them are friends by an open id, one of those bought again in the mall."""
    town = commons
    town.tell(*shop("面霜"), source="d06-erp")
    town.tell(
        *(buyer(f"d06-{n}", f"dy{n}", town.ago(days=20 - n), LIVE) for n in range(4)),
        mode="backfill",
        source="d06-douyin",
    )
    friends = [
        (
            "customer",
            {
                "identifiers": [
                    {"kind": "open_id", "value": f"wx{n}", "scope": "wecom"},
                    {"kind": "online_account", "value": f"dy{n}", "scope": "douyin"},
                ],
                "tags": ["d06"],
            },
        )
        for n in (0, 1)
    ]
    town.tell(*friends, mode="backfill", source="d06-wecom")
    again = buyer("d06-again", "dy0", town.ago(days=3), MALL)
    town.tell(again, mode="backfill", source="d06-mall")
    # Somebody who came by the mall by herself.
    town.tell(buyer("d06-mall", "dy9", town.ago(days=2), MALL), mode="backfill", source="d06-mall")
    town.until(lambda: figures(town, by="channel").get(MALL, {}).get("came") == 1, "everything is applied")
    return town


def asked(town: Town, **more: Any) -> dict[str, Any]:
    return {"from": (town.today - timedelta(days=40)).isoformat(), "to": town.today.isoformat()} | more


def figures(town: Town, **more: Any) -> dict[str, dict[str, Any]]:
    answer = ok(town.person("marketing").get("/v1/conversion", **asked(town, **more)))
    return {one["key"]: one for one in answer["sources"]}


def people(town: Town, key: str, step: str, **more: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = ok(
            town.person("marketing").get(
                "/v1/conversion/people", **asked(town, key=key, step=step, limit=2, **more), **cursor
            )
        )
        items += page["items"]
        if page["next"] is None:
            return items
        cursor = {"cursor": page["next"]}


def test_d06_live_buyers_matched_to_friends(live: Town) -> None:
    found = figures(live, by="channel")[LIVE]
    assert (found["came"], found["friend"], found["first_order"], found["second_order"]) == (4, 2, 4, 1)
    assert found["revenue"]["amount"] == "500.00"
    friends, strangers = (figures(live, by="channel", friends=which)[LIVE] for which in ("friend", "stranger"))
    assert (friends["came"], friends["second_order"], strangers["came"], strangers["second_order"]) == (2, 1, 2, 0)


def test_d06_credit_goes_to_who_brought_her_or_to_all_who_know_her(live: Town) -> None:
    first, every = figures(live, by="source"), figures(live, by="source", credit="any")
    assert first["d06-douyin"]["came"] == 4
    assert first["d06-douyin"]["second_order"] == 1
    assert first["d06-mall"]["came"] == 1
    assert "d06-wecom" not in first
    assert (every["d06-wecom"]["came"], every["d06-mall"]["came"]) == (2, 2)


def test_d06_who_was_known_before_is_no_newcomer(live: Town) -> None:
    """Few days are looked up one by one and many are read at once: both tell the same."""
    late = {"from": (live.now - timedelta(days=6)).date().isoformat()}
    first, every = figures(live, **late), figures(live, credit="any", **late)
    assert first["d06-mall"]["came"] == 1
    assert not {"d06-douyin", "d06-wecom"} & first.keys()
    assert (every["d06-wecom"]["came"], every["d06-mall"]["came"]) == (2, 2)
    assert "d06-douyin" not in every
    year = {"from": (live.now - timedelta(days=360)).date().isoformat()}
    for more in ({}, {"credit": "any"}, {"by": "channel"}):
        assert ours(figures(live, **more, **year)) == ours(figures(live, **more))


def ours(found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The figures of this module's own sources."""
    return {key: one for key, one in found.items() if key.startswith("d06") or key in {LIVE, MALL}}


def test_d06_a_window_makes_old_and_young_comparable(live: Town) -> None:
    assert figures(live, by="channel", within_days=5)[LIVE]["second_order"] == 0
    assert figures(live, by="channel", within_days=30)[LIVE]["second_order"] == 1


def test_d06_every_number_has_its_people(live: Town) -> None:
    for step in ("came", "friend", "member", "first_order", "second_order"):
        found = people(live, LIVE, step, by="channel")
        assert len(found) == figures(live, by="channel")[LIVE][step]
        assert len({one["customer"]["id"] for one in found}) == len(found)
    (again,) = people(live, LIVE, "second_order", by="channel")
    assert (again["orders"], again["revenue"]["amount"]) == (2, "200.00")


def test_d06_filters_narrow(live: Town) -> None:
    assert figures(live, by="channel", tag="d06")[LIVE]["came"] == 2
    long_ago = {"from": "2020-01-01", "to": "2020-12-31"}
    assert ok(live.person("marketing").get("/v1/conversion", **long_ago))["sources"] == []
    refused = live.person("marketing").get("/v1/conversion", **{"from": "2020-02-01", "to": "2020-01-01"})
    assert refused.status_code == 422


def test_d06_the_people_leave_as_a_file(live: Town) -> None:
    who = live.person("admin")
    filters = asked(live, by="channel", key=LIVE, step="friend")
    made = ok(who.post("/v1/exports", {"list": "conversion", "filters": filters}))
    path = f"/v1/exports/{made['id']}/file"
    live.until(lambda: who.get(path).status_code == 200, "the file is made")
    assert who.get(path).text.strip().count("\n") == 2
    bad = who.post("/v1/exports", {"list": "conversion", "filters": {"within_days": "ten"}})
    assert bad.status_code == 422


def test_d13_what_a_source_cost_stands_beside_what_it_brought(live: Town) -> None:
    who = live.person("marketing")
    today = live.today
    ok(
        who.post(
            "/v1/conversion/spend",
            {"by": "channel", "lines": [{"key": LIVE, "day": today.isoformat(), "amount": "80.00"}]},
        )
    )
    table = f"日期,渠道,花费\n{today:%Y/%m/%d},{LIVE},￥20.5,坑位费\n{date(2020, 1, 1)},{LIVE},999"
    assert ok(who.post("/v1/conversion/spend", {"by": "channel", "table": table}))["written"] == 2
    assert figures(live, by="channel")[LIVE]["spend"]["amount"] == "100.50"
    lines = ok(who.get("/v1/conversion/spend", by="channel"))["items"]
    assert [one["amount"]["amount"] for one in lines] == ["20.50", "80.00", "999.00"]
    ok(who.delete(f"/v1/conversion/spend/{lines[0]['id']}"))
    assert figures(live, by="channel")[LIVE]["spend"]["amount"] == "80.00"
    bad = who.post(
        "/v1/conversion/spend", {"by": "channel", "table": "2026-01-01,x,1\n昨天,x,1\n2026-01-01,,1\n2026-01-01,x,-1"}
    )
    assert [one["where"] for one in bad.json()["error"]["details"]] == ["lines[2]", "lines[3]", "lines[4]"]
    assert live.person("finance").post("/v1/conversion/spend", {"by": "channel", "table": table}).status_code == 403


def test_d13_what_people_did_before_buying_is_counted(live: Town) -> None:
    at = live.ago(days=1)
    who = [{"kind": "online_account", "value": "dy0", "scope": "douyin"}]
    seen = [("behaviour", {"name": "d13-加购", "identifiers": who, "at": at})] * 2
    live.tell(*seen, mode="backfill", source="d06-douyin")

    def done() -> dict[str, tuple[int, int]]:
        answer = ok(live.person("marketing").get("/v1/conversion", **asked(live)))
        return {one["name"]: (one["people"], one["times"]) for one in answer["done"]}

    live.until(lambda: done().get("d13-加购") == (1, 2), "what she did is counted")
    # By source as well, and visits of nobody apart.
    live.tell(("behaviour", {"name": "d13-加购", "identifiers": [], "at": at}), mode="backfill", source="d06-web")

    def sources() -> dict[str, tuple[int, int, int]]:
        answer = ok(live.person("marketing").get("/v1/conversion", **asked(live)))
        (one,) = [one for one in answer["done"] if one["name"] == "d13-加购"]
        told = {each["source"]: (each["people"], each["times"], each["anonymous"]) for each in one["sources"]}
        return {**told, "": (one["people"], one["times"], one["anonymous"])}

    live.until(
        lambda: sources() == {"d06-douyin": (1, 2, 0), "d06-web": (0, 0, 1), "": (1, 2, 1)}, "each source has its own"
    )
    # Without days: the fewest that hold enough newcomers; a small company's whole year.
    answer = ok(live.person("marketing").get("/v1/conversion"))
    assert (date.fromisoformat(answer["last_day"]) - date.fromisoformat(answer["first_day"])).days in {29, 89, 364}
