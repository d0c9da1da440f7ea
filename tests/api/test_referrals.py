"""J25: customer refers customer. Who came by whom, the reward on the first paid order, and what happens when that order is given back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from harness import shop as shops
from harness.house import House, ok
from harness.shop import card, open_shop
from tandem.domains.sales.referrals.events import REFERRAL_JOINED, REFERRAL_REPORTED, REFERRAL_STANDING
from tandem.kernel.ids import bucket_of, derived_id, new_id
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit
from tandem.stream.rights.erase import erase


class Shop(shops.Shop):
    """Where customers bring customers."""

    def customers(self, *numbers: str, **more: Any) -> list[str]:
        for one in numbers:
            self.tell("customer", {"identifiers": card(one), "name": f"客户{one}"} | more)
        return [ok(self.admin.get("/v1/customers", q=one))["items"][0]["id"] for one in numbers]

    def order(self, member: str, number: str, at: str | None = None, **more: Any) -> None:
        at = at or self.now
        paid = {"status": "paid", "placed_at": at, "paid_at": at, "total": "120.00", "lines": []}
        self.tell("order", paid | {"order_id": number, "identifiers": card(member)} | more)

    def refund(self, member: str, order: str, amount: str) -> None:
        self.tell("refund", {"refund_id": f"R{self.number}", "order_id": order, "amount": amount, "at": self.now})

    def note(self, customer: str, referrer: str) -> Any:
        answer = self.admin.put(f"/v1/customers/{customer}/referrer", {"referrer_id": referrer})
        self.settle()
        return answer

    def came_by(self, customer: str) -> dict[str, Any] | None:
        return ok(self.admin.get(f"/v1/customers/{customer}/referrer"))["referrer"]

    def brought(self, customer: str, who: str = "admin") -> list[tuple[str | None, str]]:
        rows = ok(self.house.person(who).get(f"/v1/customers/{customer}/referrals"))["items"]
        return [(one["name"], one["state"]) for one in rows]

    def balance(self, customer: str) -> int:
        return ok(self.admin.get(f"/v1/customers/{customer}/points"))["balance"]

    def news(self, customer: str) -> list[str]:
        with self.flows.tx("worker") as tx:
            asked = (
                "select type from event where tenant_id = %(tenant)s and bucket = %(bucket)s and owner_id = %(id)s"
                " and type in ('referral.made', 'referral.paid', 'referral.undone', 'referral.came') order by event_id"
            )
            return sorted(
                tx.values(asked, {"tenant": tx.tenant_id, "bucket": bucket_of(UUID(customer)), "id": customer})
            )


@pytest.fixture(scope="module")
def shop(house: House) -> Iterator[Shop]:
    with open_shop(house, Shop) as opened:
        yield opened


def test_the_reward_comes_with_the_first_paid_order_and_goes_with_it(shop: Shop) -> None:
    install = {"name": "J25", "language": "zh", "answers": {}}
    flow = ok(shop.admin.post("/v1/gallery/templates/referral-thanks/install", install))["flow_id"]
    ok(shop.admin.post(f"/v1/flows/{flow}/publish", {"running": "stay"}))
    old, new, other = shop.customers("A1", "A2", "A3")
    assert shop.came_by(new) is None
    ok(shop.note(new, old))
    found = shop.came_by(new)
    assert found is not None
    assert (found["customer_id"], found["name"], found["source"], found["state"]) == (old, "客户A1", "staff", "came")
    assert shop.brought(old) == [("客户A2", "came")]
    assert (shop.news(new), shop.news(old)) == (["referral.came"], ["referral.made"])
    assert len(ok(shop.admin.get("/v1/coupons", customer_id=new))["items"]) == 1, "the friend has her coupon at once"
    assert shop.balance(old) == 0, "nothing before she bought"
    shop.order("A2", "O1")
    shop.order("A2", "O2")
    assert shop.balance(old) == 200, "for the first order, not for the second"
    ok(shop.note(other, old))
    shop.order("A3", "O3")
    assert shop.balance(old) == 400, "each friend counts"
    rows = ok(shop.admin.get(f"/v1/customers/{old}/referrals"))["items"]
    assert [(one["name"], one["amount"]["amount"]) for one in rows] == [("客户A3", "120.00"), ("客户A2", "120.00")]
    # Half of it back changes nothing; all of it does, once, where no other order stands beside it.
    shop.refund("A3", "O3", "60.00")
    assert shop.balance(old) == 400
    shop.refund("A3", "O3", "60.00")
    assert (shop.balance(old), shop.brought(old)[0][1]) == (200, "came")
    shop.refund("A2", "O1", "120.00")
    assert (shop.balance(old), shop.brought(old)[1][1]) == (200, "paid"), "her second order is the first that stands"
    shop.order("A3", "O4")
    assert shop.balance(old) == 400, "whoever comes back counts again"


def test_whoever_bought_before_was_a_customer_and_what_she_says_at_the_till_counts(shop: Shop) -> None:
    old, known, till, late = shop.customers("B1", "B2", "B3", "B4")
    shop.order("B2", "O11")
    shop.flows.forward(days=2)
    shop.order("B3", "O12")
    ok(shop.note(known, old))
    ok(shop.note(till, old))
    assert dict(shop.brought(old)) == {"客户B2": "known", "客户B3": "paid"}, "the till's order of a moment ago is hers"
    assert (shop.news(known), shop.news(till)) == ([], ["referral.came"])
    before = shop.now
    shop.flows.forward(days=3)
    ok(shop.note(late, old))
    shop.order("B4", "O13")
    assert dict(shop.brought(old))["客户B4"] == "paid"
    shop.order("B4", "O14", before)
    assert dict(shop.brought(old))["客户B4"] == "known", "an older order came late"
    assert shop.news(old) == ["referral.made", "referral.made", "referral.paid", "referral.paid", "referral.undone"]


def test_what_cannot_be_is_refused_and_a_mistake_is_taken_back(shop: Shop) -> None:
    first, second, third = shop.customers("C1", "C2", "C3")
    assert shop.note(first, first).json()["error"]["code"] == "own_referrer"
    assert shop.note(first, str(new_id())).status_code == 404
    ok(shop.note(second, first))
    assert shop.note(first, second).json()["error"]["code"] == "referred_in_turn"
    assert shop.note(second, third).json()["error"]["code"] == "referred_already"
    gone = shop.admin.delete(f"/v1/customers/{second}/referrer")
    ok(gone)
    shop.settle()
    assert (shop.came_by(second), shop.brought(first)) == (None, [])
    assert shop.admin.delete(f"/v1/customers/{second}/referrer").status_code == 404
    ok(shop.note(second, third))
    shop.order("C2", "O21")
    assert shop.admin.delete(f"/v1/customers/{second}/referrer").json()["error"]["code"] == "referral_counted"
    assert (
        shop.house.person("finance").put(f"/v1/customers/{first}/referrer", {"referrer_id": third}).status_code == 403
    )
    store = shop.house.person("shop1").get(f"/v1/customers/{third}/referrals")
    assert store.status_code == 404, "a customer of no store is none of hers"


def test_a_campaigns_friend_counts_and_older_tellings_change_nothing(shop: Shop) -> None:
    inviter, friend = shop.customers("D1", "D2")
    said = {"campaign": "老带新", "code": "x", "verdict": "held", "friend_id": friend}
    for verdict in ("refused", "held"):
        shop.flows.events([(REFERRAL_JOINED, UUID(inviter), said | {"verdict": verdict})])
        shop.settle()
        assert (shop.came_by(friend) is None) == (verdict == "refused")
    shop.order("D2", "O31")
    found = shop.came_by(friend)
    assert found is not None
    assert (found["campaign"], found["source"], found["state"]) == ("老带新", "campaign", "paid")
    with shop.flows.tx("worker") as tx:
        told = (
            "select payload from event where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[]) and owner_id = %(id)s"
            " and type = %(type)s"
        )
        payloads = tx.values(
            told,
            {"tenant": tx.tenant_id, "buckets": list(range(256)), "id": inviter, "type": REFERRAL_STANDING},
        )
    assert sorted(one["state"] for one in payloads) == ["came", "paid"]
    with shop.flows.tx("worker") as tx:
        for place, one in enumerate(payloads):
            again = NewEvent(
                type=REFERRAL_STANDING, bucket=bucket_of(UUID(inviter)), customer_id=UUID(inviter), occurred_at=tx.now, payload=one,
                event_id=derived_id(UUID(inviter), "again", place),
            )  # fmt: skip
            emit(tx, [again])
    shop.settle()
    assert shop.brought(inviter) == [("客户D2", "paid")]
    assert shop.news(inviter) == ["referral.made", "referral.paid"], "told twice, it is one reward"
    # The inviter is merged with her friend: that was no referral. Taken back, it is one again.
    assert shop.balance(inviter) == 200
    ok(shop.admin.post("/v1/merges", {"survivor": inviter, "loser": friend}))
    shop.settle()
    assert (shop.brought(inviter)[0][1], shop.balance(inviter)) == ("known", 0)
    (merge,) = ok(shop.admin.get("/v1/merges", customer_id=inviter))["items"]
    ok(shop.admin.post(f"/v1/merges/{merge['id']}/undo"))
    shop.settle()
    assert (shop.brought(inviter), shop.balance(inviter)) == ([("客户D2", "paid")], 200)


def test_two_referrers_of_one_person_are_not_both_rewarded(shop: Shop) -> None:
    first, second, once, twice = shop.customers("F1", "F2", "F3", "F4")
    for friend, referrer, number in ((once, first, "F3"), (twice, second, "F4")):
        ok(shop.note(friend, referrer))
        shop.order(number, f"O5{number}")
        shop.flows.forward(minutes=1)
    assert (shop.balance(first), shop.balance(second)) == (200, 200)
    # Whom the second one brought turns out to be the first one's friend, whichever of the two survives.
    for survivor, loser in ((once, twice), (twice, once)):
        ok(shop.admin.post("/v1/merges", {"survivor": survivor, "loser": loser}))
        shop.settle()
        assert (shop.balance(first), shop.balance(second)) == (200, 0)
        found = shop.came_by(survivor)
        assert found is not None
        assert (found["customer_id"], found["state"]) == (first, "paid")
        merge = ok(shop.admin.get("/v1/merges", customer_id=survivor))["items"][0]
        ok(shop.admin.post(f"/v1/merges/{merge['id']}/undo"))
        shop.settle()
        assert (shop.balance(first), shop.balance(second)) == (200, 200)
    # Whoever was erased is told nothing any more, and what comes of her friend's orders is nobody's.
    with shop.flows.tx("worker") as tx:
        erase(tx, UUID(second))
    shop.settle()
    shop.refund("F4", "O5F4", "120.00")
    shop.order("F4", "O54")
    found = shop.came_by(twice)
    assert found is not None
    assert (found["name"], found["state"]) == (None, "paid")
    assert shop.news(second) == []


def test_the_first_word_that_may_stand_stands(shop: Shop) -> None:
    herself, other, late = shop.customers("G1", "G2", "G3")
    told = [
        (REFERRAL_REPORTED, UUID(herself), {"referrer_id": one, "campaign": "", "source": "staff"})
        for one in (herself, other, late)
    ]
    shop.flows.events(told)
    shop.settle()
    found = shop.came_by(herself)
    assert found is not None
    assert found["customer_id"] == other


def test_segments_count_whom_somebody_brought(shop: Shop) -> None:
    old, new = shop.customers("E1", "E2", city="杭州")
    ok(shop.note(new, old))
    shop.order("E2", "O41")
    for text, whom in (
        ("count(referrals where state = 'paid') = 1 and customer.city = '杭州'", old),
        ("exists(referred_by where source = 'staff') and customer.city = '杭州'", new),
    ):
        seen = ok(shop.admin.post("/v1/segments/preview", {"text": text}))
        assert [one["id"] for one in seen["samples"]] == [whom], seen
