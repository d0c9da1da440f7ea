"""Redemptions that outside tills report: each coupon counts once, for its owner, and what does not count says why."""

from decimal import Decimal
from threading import Thread
from typing import Any
from uuid import UUID

import pytest

from harness.flows import FlowHouse
from tandem.domains.marketing import reports, service
from tandem.domains.marketing.coupons import NewCouponTemplate
from tandem.kernel.errors import Conflict
from tandem.kernel.ids import new_id
from tandem.kernel.turn import in_bucket


def customer(house: FlowHouse, bucket: int) -> UUID:
    made = UUID(bytes=new_id().bytes[:15] + bytes([bucket]))
    house.owner(
        "insert into customer (bucket, id, origin_id, tenant_id, first_seen_at, created_at, updated_at, key_enc)"
        " values (tandem_bucket(%(id)s), %(id)s, %(id)s, %(tenant)s, now(), now(), now(), '')",
        {"id": made},
    )
    return made


def codes(house: FlowHouse, owner: UUID, count: int = 1) -> list[str]:
    with house.tx() as tx:
        template = service.create_template(
            tx, NewCouponTemplate(name=f"券{new_id()}", kind="amount", value=Decimal(5), valid_days=9)
        )
        for _ in range(count):
            service.request_coupon(in_bucket(tx, owner), owner, template)
    house.settle()
    return [row[0] for row in house.owner("select code from coupon where template_id = %(t)s", {"t": template})]


def report(house: FlowHouse, who: UUID, code: str, **more: Any) -> None:
    payload = {"redemption_id": str(new_id()), "source": "pos", "coupon_code": code, **more}
    house.event("coupon.redeemed", who, payload)


def counted(house: FlowHouse) -> list[tuple[Any, ...]]:
    return house.owner("select customer_id, coupon_id is not null from redemption")


def states(house: FlowHouse) -> list[str]:
    return sorted(row[0] for row in house.owner("select status from redemption_report"))


def coupon_states(house: FlowHouse) -> list[str]:
    return sorted(row[0] for row in house.owner("select status from coupon"))


def test_the_owner_s_report_marks_her_coupon(house: FlowHouse) -> None:
    anna = customer(house, 5)
    (code,) = codes(house, anna)
    report(house, anna, f" {code.lower()} ", order_id="A1")
    house.settle()
    assert house.owner("select status, redeemed_order_id from coupon") == [("redeemed", "A1")]
    assert (counted(house), states(house)) == ([(anna, True)], [])


@pytest.mark.parametrize("bucket", [5, 9])
def test_another_customer_s_coupon_counts_for_its_owner(house: FlowHouse, bucket: int) -> None:
    anna, bert = customer(house, 5), customer(house, bucket)
    (code,) = codes(house, anna)
    report(house, bert, code)
    house.settle()
    assert coupon_states(house) == ["redeemed"]
    assert counted(house) == [(anna, True)]
    assert house.owner("select customer_id, status from redemption_report") == [(bert, "forwarded")]
    told = house.owner(
        "select customer_id, origin_id, hops, cause_id from event where type = 'coupon.redeemed' order by hops"
    )
    source = house.owner(
        "select event_id from event where customer_id = %(b)s and type = 'coupon.redeemed'", {"b": bert}
    )
    assert told == [(bert, bert, 0, None), (anna, anna, 1, source[0][0])]
    assert house.count("inbox_failed") == 0


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("bucket", [5, 9])
def test_two_reports_of_a_coupon_count_once(house: FlowHouse, bucket: int, *, together: bool) -> None:
    anna, bert = customer(house, 5), customer(house, bucket)
    (code,) = codes(house, anna)
    for who in (anna, bert, anna):
        report(house, who, code)
        if not together:
            house.settle()
    house.settle()
    assert counted(house) == [(anna, True)]
    assert states(house) == ["already_redeemed", "already_redeemed", "forwarded"]


def test_an_unknown_code_is_kept_with_its_reason(house: FlowHouse) -> None:
    anna = customer(house, 5)
    report(house, anna, "NOSUCHCODE12")
    report(house, anna, "OUTSIDE12", template_code="CAMP1")
    house.settle()
    assert counted(house) == [(anna, False)]
    with house.tx() as tx:
        (row,), following = reports.list_reports(tx, customer_id=anna, state=None, cursor=None, limit=50)
    assert (row.code, row.status, row.source, following) == ("NOSUCHCODE12", "unknown_code", "pos", None)


def test_a_report_before_the_issue_stays_visible_and_one_after_it_counts(house: FlowHouse) -> None:
    anna = customer(house, 5)
    report(house, anna, "EARLYEARLY12")
    house.settle()
    (code,) = codes(house, anna)
    for table in ("coupon", "coupon_key"):
        house.owner(f"update {table} set code = 'EARLYEARLY12' where code = %(code)s", {"code": code})
    assert (coupon_states(house), counted(house), states(house)) == (["issued"], [], ["unknown_code"])
    report(house, anna, "EARLYEARLY12")
    house.settle()
    assert (coupon_states(house), counted(house), states(house)) == (["redeemed"], [(anna, True)], ["unknown_code"])


def test_a_revoked_coupon_stays_revoked(house: FlowHouse) -> None:
    anna = customer(house, 5)
    (code,) = codes(house, anna)
    house.owner("update coupon set status = 'revoked'")
    report(house, anna, code)
    house.settle()
    assert (coupon_states(house), counted(house), states(house)) == (["revoked"], [], ["revoked"])


def test_the_till_and_reports_race_for_each_coupon_and_one_of_them_wins(house: FlowHouse) -> None:
    anna, bert = customer(house, 5), customer(house, 9)
    shown = codes(house, anna, 20)
    refused: list[str] = []

    def till() -> None:
        for code in shown:
            try:
                with house.tx() as tx:
                    service.redeem(tx, code, store_id=None, order_id=None)
            except Conflict as error:
                refused.append(error.code)

    for number, code in enumerate(shown):
        report(house, (anna, bert)[number % 2], code)
    thread = Thread(target=till)
    thread.start()
    house.settle()
    thread.join()
    house.settle()
    assert coupon_states(house) == ["redeemed"] * 20
    assert set(refused) <= {"coupon_redeemed"}
    assert counted(house) == [(anna, True)] * 20
    assert house.owner("select count(distinct coupon_id) from redemption") == [(20,)]
    assert states(house).count("already_redeemed") == 20 - len(refused)
    assert house.count("inbox_failed") == 0
