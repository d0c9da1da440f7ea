"""D14: a trial tenant with a year of believable sample data per trade opens in a minute and is emptied with one click."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from town import Town, ok, order

from harness.house import Person
from tandem.demo.trial.trades import TRADES

FEW = 25


def opened(town: Town, trade: str) -> dict[str, Any]:
    admin = town.person("admin")
    made = ok(admin.post("/v1/trials", {"trade": trade, "customers": FEW}))
    assert made["status"] == "opening"

    def ready() -> Any:
        (one,) = [one for one in ok(admin.get("/v1/trials"))["items"] if one["id"] == made["id"]]
        assert one["status"] != "failed", one["problem"]
        return one if one["status"] == "ready" else None

    return town.until(ready, f"the trial of {trade} is ready")


def emptied(town: Town, trial: dict[str, Any]) -> None:
    admin = town.person("admin")
    ok(admin.post(f"/v1/trials/{trial['id']}/empty", {"name": trial["name"]}))
    town.until(lambda: trial["id"] not in {one["id"] for one in ok(admin.get("/v1/trials"))["items"]}, "it is gone")


def inside(town: Town, trial: dict[str, Any]) -> Person:
    person = town.house.fresh("admin")
    ok(person.post(f"/v1/trials/{trial['id']}/enter"))
    person.csrf = ok(person.get("/v1/me"))["csrf"]
    return person


def rows_of(town: Town, tenant: str) -> dict[str, int]:
    """How many rows of a tenant each table holds: looked at from outside, since nobody may look inside any more."""
    with town.house.database.connect() as owner:
        tables = owner.execute(
            """
            select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
            where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
            """
        ).fetchall()
        counts = {
            name: owner.execute(f"select count(*) from {name} where tenant_id = %s", (tenant,)).fetchone()[0]  # type: ignore[index]
            for (name,) in tables
        }
        counts["tenant"] = owner.execute("select count(*) from tenant where id = %s", (tenant,)).fetchone()[0]  # type: ignore[index]
    return {name: count for name, count in counts.items() if count}


def test_d14_open_look_around_and_empty(commons: Town) -> None:
    town, admin = commons, commons.person("admin")
    own_before = ok(admin.get("/v1/customers"))["total"]
    trial = opened(town, "mother_baby")
    who = inside(town, trial)
    me = ok(who.get("/v1/me"))
    assert (me["tenant"]["id"], me["tenant"]["trial"], me["tenant"]["demo"]) == (trial["id"], True, True)
    # About as many as were asked for: some are known twice until somebody matches them.
    assert FEW - 5 <= ok(who.get("/v1/customers"))["total"] <= FEW
    made = {one["name"]: one for one in ok(who.get("/v1/segments"))["items"]}
    assert set(made) == {name for name, _ in TRADES["mother_baby"].segments}
    assert all(one["status"] == "ready" for one in made.values()), made
    assert len(ok(who.get("/v1/flows"))["items"]) == 2
    board = ok(who.get("/v1/board/home", days=366))
    assert float(next(one["total"] for one in board["metrics"] if one["key"] == "revenue")) > 1000
    # A year, and nothing of it happened today: no flow was started, no message sent.
    assert ok(who.get("/v1/messages"))["items"] == []
    # Not this year's: in its first days nobody has come yet.
    ten_months_ago = datetime.fromisoformat(trial["opened_at"]).date() - timedelta(days=300)
    sources = ok(who.get("/v1/conversion", **{"from": ten_months_ago.isoformat()}))["sources"]
    assert {"pos", "crm"} & {one["key"] for one in sources}
    assert who.post("/v1/trials", {"trade": "milk_tea"}).status_code == 403
    foretells(town, who)
    guest = inside(town, trial)
    ok(guest.post("/v1/trials/leave"))
    assert ok(guest.get("/v1/me"))["tenant"]["id"] == str(town.house.a.id)

    refused = admin.post(f"/v1/trials/{trial['id']}/empty", {"name": "小象"})
    assert refused.status_code == 422
    assert town.person("b.admin").post(f"/v1/trials/{trial['id']}/empty", {"name": trial["name"]}).status_code == 404
    assert town.person("b.admin").post(f"/v1/trials/{trial['id']}/enter").status_code == 404
    assert ok(who.get("/v1/customers"))["items"]
    emptied(town, trial)
    assert rows_of(town, trial["id"]) == {}
    assert who.get("/v1/customers").status_code == 401
    assert ok(admin.get("/v1/customers"))["total"] == own_before
    trail = ok(admin.get("/v1/audit", entity="trial"))["items"]
    assert {one["action"] for one in trail} == {"trial.opened", "trial.entered", "trial.emptied"}


def foretells(town: Town, who: Person) -> None:
    """D04 in a company with customers: scores and what is expected follow each order."""
    now = datetime.fromisoformat(ok(who.get("/v1/clock"))["business_now"])

    def buys(number: int, days: float) -> None:
        at = (now - timedelta(days=days)).isoformat()
        _, payload = order(f"d04-{number}", "Md04-T", at, total="900.00", store="S001")
        event = {"source": "pos", "external_id": f"d04-{number}", "kind": "order", "time": at, "payload": payload}
        assert ok(who.post("/v1/events", {"events": [event]}))["accepted"] == 1

    def profile() -> dict[str, Any]:
        (her,) = ok(who.get("/v1/customers", q="Md04-T"))["items"]
        return ok(who.get(f"/v1/customers/{her['id']}"))["profile"] or {"order_count": 0}

    for number, days in enumerate((60, 40, 20)):
        buys(number, days)
    before = town.until(lambda: profile() if profile()["order_count"] == 3 else None, "three orders are counted")
    assert 111 <= before["rfm_score"] <= 555
    expected = datetime.fromisoformat(before["expected_order_at"])
    buys(9, 0.1)
    after = town.until(lambda: profile() if profile()["order_count"] == 4 else None, "the fourth is counted")
    assert after["rfm_r"] >= before["rfm_r"]
    assert datetime.fromisoformat(after["expected_order_at"]) > expected + timedelta(days=10)
    assert float(after["churn_risk"]) < 1


def test_d14_only_who_may(commons: Town) -> None:
    for login in ("marketing", "shop1", "finance"):
        assert commons.person(login).get("/v1/trials").status_code == 403
    assert commons.person("admin").post("/v1/trials", {"trade": "bank"}).status_code == 422
