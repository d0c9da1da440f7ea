"""D02: the same person on two platforms becomes one customer; a wrong merge is undone with nothing lost."""

from __future__ import annotations

from typing import Any

from people import card, found, known, profile, timeline
from town import Town, member, ok, order, shop


def bought(number: str, account: str, scope: str, at: str, **who: Any) -> tuple[str, dict[str, Any]]:
    """An order of a platform, which knows its buyer by an account and perhaps more."""
    kind, payload = order(number, "", at, "面霜", total="100.00")
    identifiers = [{"kind": "online_account", "value": account, "scope": scope}]
    identifiers += [{"kind": name, "value": value} for name, value in who.items()]
    return kind, payload | {"identifiers": identifiers}


def test_d02_two_platforms_one_customer(commons: Town) -> None:
    town = commons
    town.tell(*shop("面霜"), source="d02-erp")
    town.tell(
        bought("d02-1", "d02-shopify", "shopify", town.ago(days=9), email="d02.Wang+a@gmail.com"), source="shopify"
    )
    town.tell(bought("d02-2", "d02-ebay", "ebay", town.ago(days=5), email="d02wang@googlemail.com"), source="ebay")
    her = known(town, "d02wang@gmail.com")
    town.until(lambda: profile(town, her)["order_count"] == 2, "both orders are hers")
    assert {one["source"] for one in card(town, her)["identifiers"]} == {"shopify", "ebay"}

    # Tmall and WeCom know her by things of their own, until a form names both.
    town.tell(bought("d02-3", "d02-tmall", "tmall", town.ago(days=3)), source="tmall")
    town.tell(
        ("customer", {"identifiers": [{"kind": "union_id", "value": "d02-union", "scope": "wecom"}], "name": "王敏"}),
        source="wecom",
    )
    both = [
        {"kind": "union_id", "value": "d02-union", "scope": "wecom"},
        {"kind": "online_account", "value": "d02-tmall", "scope": "tmall"},
        {"kind": "email", "value": "d02wang@gmail.com"},
    ]
    town.tell(("customer", {"identifiers": both}), source="form")
    town.until(lambda: profile(town, known(town, "d02wang@gmail.com"))["order_count"] == 3, "all three orders are hers")


def test_d02_a_wrong_merge_is_undone_with_nothing_lost(commons: Town) -> None:
    town, admin = commons, commons.person("admin")
    town.tell(*shop("面霜"), source="d02-erp")
    town.tell(member("d02-a", "王芳", tags=["d02-甲"]), member("d02-b", "李梅", tags=["d02-乙"]))
    town.tell(
        order("d02-10", "Md02-a", town.ago(days=9), "面霜", total="10.00"),
        order("d02-11", "Md02-b", town.ago(days=8), "面霜", total="200.00"),
        mode="backfill",
    )
    one, two = known(town, "Md02-a"), known(town, "Md02-b")
    town.until(lambda: profile(town, two)["order_count"] == 1, "the orders are applied")
    before = {who: (profile(town, who), {tag["tag"] for tag in card(town, who)["tags"]}) for who in (one, two)}
    seen = {who: {event["event_id"] for event in timeline(town, who)} for who in (one, two)}
    merged = ok(admin.post("/v1/merges", {"survivor": one, "loser": two}))
    town.until(lambda: profile(town, one)["order_count"] == 2, "she shows both histories")
    assert found(town, "Md02-b") == [one]
    # What comes while they are one is divided too.
    town.tell(order("d02-12", "Md02-b", town.ago(hours=2), "面霜", total="30.00"))
    town.until(lambda: profile(town, one)["spend_total"]["amount"] == "240.00", "the order counts for the merged one")
    merge = next(row["id"] for row in ok(admin.get("/v1/merges", customer_id=one))["items"])
    ok(admin.post(f"/v1/merges/{merge}/undo"))
    town.until(lambda: found(town, "Md02-b") == [two], "they are two again")
    town.until(lambda: profile(town, two)["spend_total"]["amount"] == "230.00", "her order went with her")
    assert profile(town, one)["spend_total"] == before[one][0]["spend_total"]
    for who in (one, two):
        assert {tag["tag"] for tag in card(town, who)["tags"]} == before[who][1]
        assert seen[who] <= {event["event_id"] for event in timeline(town, who)}
    assert merged["status"] in {"done", "moving", "queued"}
