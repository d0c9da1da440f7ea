"""D15: buyers whom a platform masks are matched without a plain phone; what is masked is no identifier, and nothing is opened."""

from __future__ import annotations

from typing import Any

from people import card, found, known, profile
from town import Town, ok, order, shop


def masked(number: str, encrypted: str, mask: str, at: str) -> tuple[str, dict[str, Any]]:
    """An order of a marketplace: its own encrypted buyer, and a number with its middle hidden."""
    kind, payload = order(number, "", at, "面膜", total="60.00")
    who = [{"kind": "encrypted_id", "value": encrypted, "scope": "tmall-shop"}, {"kind": "masked_phone", "value": mask}]
    return kind, payload | {"identifiers": who}


def parcel(encrypted: str, mask: str, name: str, city: str) -> tuple[str, dict[str, Any]]:
    """What the parcel's address says."""
    who = [{"kind": "encrypted_id", "value": encrypted, "scope": "tmall-shop"}, {"kind": "masked_phone", "value": mask}]
    return "customer", {"identifiers": who, "name": name, "city": city}


def test_d15_masked_buyers_are_matched_without_plain_phones(commons: Town) -> None:
    town = commons
    town.tell(*shop("面膜"), source="d15-erp")
    card_holder = [{"kind": "phone", "value": "13815150042"}, {"kind": "member_no", "value": "Md15"}]
    town.tell(("customer", {"identifiers": card_holder, "name": "欧阳倩", "city": "昆明"}), source="crm")
    her = known(town, "Md15")
    town.tell(
        masked("d15-1", "enc~A1", "138****0042", town.ago(days=3)),
        masked("d15-2", "enc~B2", "138****0042", town.ago(days=2)),
        mode="backfill",
        source="tmall",
    )
    # The mask alone says nothing: eighty people have it. With surname and city it is she.
    town.tell(parcel("enc~A1", "138****0042", "欧阳倩", "昆明"), source="tmall")
    town.until(lambda: profile(town, her)["order_count"] == 1, "one of the two buyers is she")
    town.tell(parcel("enc~B2", "138****0042", "欧阳倩", "长春"), source="tmall")
    other = town.until(lambda: [one for one in buyers(town) if one != her], "the other buyer has a name")
    assert her not in other
    assert profile(town, her)["order_count"] == 1


def buyers(town: Town) -> list[str]:
    return found(town, "欧阳倩")


def test_d15_a_masked_number_is_no_phone(commons: Town) -> None:
    town = commons
    for number, value in enumerate(("138****0099", "+86 138 **** 0099", "13800138000-1234")):
        kind, payload = order(f"d15-9{number}", "", town.ago(days=1), "面膜", total="60.00")
        town.tell(
            (kind, payload | {"identifiers": [{"kind": "phone", "value": value}]}), mode="backfill", source="d15-mask"
        )
    orders = town.until(lambda: walk_ins(town) if len(walk_ins(town)) == 3 else None, "the orders are kept")
    assert [one["customer_id"] for one in orders] == [None, None, None], "walk-ins: they belong to nobody"


def walk_ins(town: Town) -> list[dict[str, Any]]:
    return ok(town.person("admin").get("/v1/orders", q="Od15-9"))["items"]


def test_d15_the_platforms_secret_stays_closed(commons: Town) -> None:
    her = known(commons, "Md15")
    shown = {one["kind"]: one["masked"] for one in card(commons, her)["identifiers"]}
    assert "enc~A1" not in shown.get("encrypted_id", "")
    refused = commons.person("admin").post(f"/v1/customers/{her}/reveal", {"field": "encrypted_id"})
    assert refused.status_code == 422
