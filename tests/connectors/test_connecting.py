"""An operations person connects a shop alone, through HTTP: keys, authorise, check, sample, the past, a green light; later again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx import Response

from harness.database import Database
from harness.house import House, open_house
from tandem.assembly import system
from tandem.connectors.kit import wire
from tandem.connectors.kit.rounds import Worker
from tandem.connectors.simulator.base import Pushed
from tandem.connectors.simulator.pusher import Pusher
from tandem.connectors.simulator.server import TOKEN_HEADER, SimulatedTransport, Simulation, simulators
from tandem.kernel.settings import settings
from tandem.stream.door.pending import resolve_waiting


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    return Simulation(epoch=datetime.now(UTC) - timedelta(seconds=30), orders_before=12)


@pytest.fixture(scope="module")
def house(module_database: Database, simulation: Simulation) -> Iterator[House]:
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setenv("TANDEM_SIMULATOR_URL", "http://simulated")
    monkeypatch.setenv("TANDEM_SIMULATOR_TOKEN", simulation.token)
    monkeypatch.setattr(wire, "route", [SimulatedTransport(simulation)])
    settings.cache_clear()
    with open_house(module_database) as made:
        yield made
    monkeypatch.undo()
    settings.cache_clear()


def test_a_shop_is_connected_step_by_step(house: House, simulation: Simulation) -> None:
    admin = house.person("admin")
    offered = admin.get("/v1/connectors").json()["platforms"]
    assert {one["name"] for one in offered} >= {"taobao", "douyin", "shopify"}
    body = {"connector": "taobao", "source": "tmall", "name": "旗舰店", "simulated": True}
    made = admin.post("/v1/connector-accounts", body)
    assert made.status_code == 201, made.text
    account = made.json()
    base = f"/v1/connector-accounts/{account['id']}"
    assert (account["light"], account["settings"]) == ("grey", {"app_key": "23000001"})
    assert "secret" not in made.text
    url = admin.post(f"{base}/authorise", {"redirect": "https://tandem.test/back"}).json()["url"]
    state = parse_qs(urlsplit(url).query)["state"][0]
    forged = admin.post(f"{base}/authorised", {"code": "simulated-code", "state": state + "x"})
    assert forged.status_code == 403
    assert admin.post(f"{base}/authorised", {"code": "wrong", "state": state}).status_code == 502
    done = admin.post(f"{base}/authorised", {"code": "simulated-code", "state": state})
    assert (done.status_code, done.json()["state"]) == (200, "authorised")
    assert admin.post(f"{base}/check").json() == {"shop": "演示旗舰店", "id": "2200000000001"}
    samples = {one["resource"]: one for one in admin.post(f"{base}/sample").json()["samples"]}
    assert {one["kind"] for one in samples["orders"]["records"]} == {"order", "product"}
    assert samples["orders"]["problems"] == []
    started = admin.post(f"{base}/start", {"days": 8}).json()
    assert {(one["resource"], one["purpose"]) for one in started["tasks"]} >= {
        ("orders", "live"),
        ("orders", "backfill"),
    }
    _read_all(house)
    while resolve_waiting(house.db, system().door_kinds):
        pass
    shown = admin.get(base).json()
    assert (shown["light"], shown["why"]["en"]) == ("green", "Working")
    past = {one["resource"]: one for one in shown["tasks"] if one["purpose"] == "backfill"}
    assert (past["orders"]["percent"], past["orders"]["done"]) == (100, True)
    calls = admin.get(f"{base}/traffic", limit=5).json()["calls"]
    assert len(calls) == 5
    assert simulation.shops["taobao"].secrets["app_secret"] not in str(calls)
    (line,) = admin.get("/v1/connector-accounts").json()["items"]
    assert (line["light"], line["platform"]["en"]) == ("green", "Taobao / Tmall")


def test_a_simulated_shops_traffic_is_dialled_from_its_screen(house: House, simulation: Simulation) -> None:
    admin, shop = house.person("admin"), simulation.shops["taobao"]
    (line,) = admin.get("/v1/connector-accounts").json()["items"]
    base = f"/v1/connector-accounts/{line['id']}"
    before = len(shop.world.orders(shop.now()))
    assert admin.post(f"{base}/simulated", {"orders": 3, "per_minute": 60}).status_code == 204
    (dialled,) = shop.world.dialled
    assert len(shop.world.orders(dialled[0] + timedelta(seconds=10))) == before + 3 + 10
    assert shop.memory["hooks"] == {}, "what polls is not pushed to"
    assert admin.post(f"{base}/simulated", {"per_minute": 0}).status_code == 204
    assert admin.post(f"{base}/simulated", {"per_minute": 601}).status_code == 422
    shop.world.dialled.clear()
    shop.world.added.clear()


def test_what_changes_is_pushed_to_whoever_listens(simulation: Simulation) -> None:
    sent: list[tuple[str, Pushed]] = []
    pusher = Pusher(simulation, lambda hook, push: sent.append((hook, push)))
    shop, now = simulation.shops["shopify"], datetime.now(UTC)
    assert (pusher.look(now), sent) == (0, [])
    shop.memory["hooks"] = {one: f"https://tandem.test/hooks/shopify/{one}" for one in "12"}
    simulation.add("shopify", 1)
    assert pusher.look(shop.now()) == 2
    assert [hook for hook, _ in sent] == [*shop.memory["hooks"].values()]
    assert pusher.look(shop.now()) == 0, "what was told is not told again"
    shop.memory.clear()
    shop.world.added.clear()


def test_what_happens_in_an_office_is_told_to_whoever_listens(simulation: Simulation) -> None:
    sent: list[tuple[str, Pushed]] = []
    pusher = Pusher(simulation, lambda hook, push: sent.append((hook, push)))
    simulation.listen("wecom", "one", "https://tandem.test/hooks/wecom/1")
    acted = {"customer": "", "name": "小雨", "member": "linxiaotong"}
    simulators()["wecom"].act(simulation.shops["wecom"], "friend", acted)  # pyright: ignore[reportAttributeAccessIssue]
    assert pusher.look(datetime.now(UTC)) == 1
    assert sent[0][0].endswith("/hooks/wecom/1")
    assert set(sent[0][1].query) == {"msg_signature", "timestamp", "nonce"}
    assert pusher.look(datetime.now(UTC)) == 0
    simulation.shops["wecom"].memory.clear()


def test_a_simulated_shop_pushes_to_each_account_at_our_own_address(
    house: House, simulation: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, shop = house.person("admin"), simulation.shops["shopify"]
    ids = [
        admin.post(
            "/v1/connector-accounts", {"connector": "shopify", "source": f"s{n}", "name": "店", "simulated": True}
        ).json()["id"]
        for n in (1, 2)
    ]

    def dialled(account: str) -> str:
        done = admin.post(f"/v1/connector-accounts/{account}/simulated", {"per_minute": 0}, Host="10.0.0.9:5432")
        assert done.status_code == 204, done.text
        return shop.memory["hooks"][account]

    try:
        assert dialled(ids[0]) == f"http://testserver:80/hooks/shopify/{ids[0]}", "whatever the Host header says"
        monkeypatch.setenv("TANDEM_PUBLIC_URL", "https://tandem.test/")
        settings.cache_clear()
        assert dialled(ids[1]) == f"https://tandem.test/hooks/shopify/{ids[1]}"
        assert [*shop.memory["hooks"]] == ids, "one account does not take another's place"
    finally:
        monkeypatch.undo()
        settings.cache_clear()
        shop.memory.clear()
        shop.world.dialled.clear()
        for one in ids:
            admin.delete(f"/v1/connector-accounts/{one}")


def test_a_simulators_control_hears_who_knows_its_token() -> None:
    simulation = Simulation(orders_before=1)
    known = {TOKEN_HEADER: simulation.token}

    def asked(method: str, what: str, headers: dict[str, str]) -> int:
        return simulation.answer(method, f"/control/taobao/{what}", headers, b"").status

    assert [asked("POST", "fail?count=2", one) for one in ({}, {TOKEN_HEADER: "guessed"}, known)] == [403, 403, 200]
    assert asked("GET", "fail?count=9", known) == 405
    assert [asked("POST", f"fail?count={count}", known) for count in ("1001", "-1", "²", "1e9")] == [400] * 4
    assert simulation.shops["taobao"].trouble.fail == 2, "what was refused changed nothing"
    assert simulation.answer("GET", "/control/", {}, b"").status == 403


def _read_all(house: House) -> None:
    """Until nothing is due; the shop's own limit is as good as new whenever it was reached, however fast this machine asks."""
    worker = Worker(house.db, pause=lambda _: None)
    again = 1
    while again:
        while worker.tenant(house.a.id):
            pass
        with house.database.connect() as owner:
            owner.execute("truncate connector_bucket")
            again = owner.execute(
                "update connector_task set next_at = now() where problem->>'kind' = 'throttled' and done_at is null and next_at > now()"
            ).rowcount


def test_a_list_that_is_read_each_hour_is_not_late_in_between(house: House) -> None:
    admin = house.person("admin")
    (line,) = admin.get("/v1/connector-accounts").json()["items"]
    base = f"/v1/connector-accounts/{line['id']}"
    for due, light in (("+ interval '10 minutes'", "green"), ("- interval '1 minute'", "yellow")):
        with house.database.connect() as owner:
            owner.execute(
                f"update connector_task set at = now() - interval '50 minutes', next_at = now() {due}, problem = null where purpose = 'live'"
            )
        assert admin.get(base).json()["light"] == light
    with house.database.connect() as owner:
        owner.execute(
            "update connector_task set at = now(), next_at = now() + interval '1 minute' where purpose = 'live'"
        )


def test_what_stands_still_says_why_and_what_helps(house: House) -> None:
    admin = house.person("admin")
    (line,) = admin.get("/v1/connector-accounts").json()["items"]
    base = f"/v1/connector-accounts/{line['id']}"
    assert admin.post(f"{base}/secrets", {"secrets": {"app_secret": "a wrong secret"}}).status_code == 200
    assert admin.post(f"{base}/replay", {"days": 3}).status_code == 200
    Worker(house.db, pause=lambda _: None).task(house.a.id)
    shown = admin.get(base).json()
    assert shown["light"] == "red"
    problem = next(one["problem"] for one in shown["tasks"] if one["problem"])
    assert (problem["kind"], problem["platform_code"]) == ("configuration", "25")
    assert problem["remedy"]["zh"].startswith("核对")
    assert admin.post(f"{base}/resume").status_code == 200
    failed = admin.get(f"{base}/traffic", failed=True).json()["calls"]
    assert {one["failure"] for one in failed} == {"configuration"}


def test_a_sample_closes_what_people_are_to_whom_may_not_see_them(house: House) -> None:
    admin, operator = house.person("admin"), house.person("operator")
    body = {"connector": "shopify", "source": "world", "name": "World", "simulated": True}
    base = f"/v1/connector-accounts/{admin.post('/v1/connector-accounts', body).json()['id']}"
    url = admin.post(f"{base}/authorise", {"redirect": "https://tandem.test/back"}).json()["url"]
    state = parse_qs(urlsplit(url).query)["state"][0]
    admin.post(f"{base}/authorised", {"code": "simulated-code", "state": state})
    whole, shown = admin.post(f"{base}/sample"), operator.post(f"{base}/sample", **{"Idempotency-Key": "a-sample"})
    assert (whole.status_code, shown.status_code) == (200, 200), shown.text
    kept = operator.post(f"{base}/sample", **{"Idempotency-Key": "a-sample"})
    assert "samples" not in kept.text
    for one, other in zip(_records(whole), _records(shown), strict=True):
        assert one["payload"].keys() == other["payload"].keys()
        for identifier, closed in zip(
            one["payload"].get("identifiers", []), other["payload"].get("identifiers", []), strict=True
        ):
            assert closed == {**identifier, "value": "•••"}
            assert identifier["value"] not in shown.text
    assert admin.delete(base).status_code == 204


def _records(answer: Response) -> list[dict[str, Any]]:
    return [record for one in answer.json()["samples"] for record in one["records"]]


def test_a_week_before_its_end_an_authorisation_warns(house: House) -> None:
    admin = house.person("admin")
    (line,) = admin.get("/v1/connector-accounts").json()["items"]
    with house.database.connect() as owner:
        owner.execute("update connector_task set problem = null")
        owner.execute("update connector_grant set refresh_expires_at = now() + interval '6 days 1 hour'")
    shown = admin.get(f"/v1/connector-accounts/{line['id']}").json()
    assert (shown["light"], shown["why"]["en"]) == ("yellow", "The authorisation ends in 6 days")


def test_who_may_not_look_sees_no_payload_and_who_may_not_write_changes_nothing(house: House) -> None:
    (line,) = house.person("admin").get("/v1/connector-accounts").json()["items"]
    clerk = house.person("finance")
    assert clerk.get("/v1/connector-accounts").status_code in {200, 403}
    assert clerk.delete(f"/v1/connector-accounts/{line['id']}").status_code == 403


def test_disconnecting_forgets_the_keys_and_keeps_what_was_brought(house: House) -> None:
    admin = house.person("admin")
    (line,) = admin.get("/v1/connector-accounts").json()["items"]
    assert admin.delete(f"/v1/connector-accounts/{line['id']}").status_code == 204
    with house.database.connect() as owner:
        left = owner.execute(
            "select (select count(*) from connector_grant), (select count(*) from connector_task), (select count(*) from connector_traffic)"
        ).fetchone()
        orders = owner.execute("select count(*) from inbox where type like 'order.%'").fetchone()
    assert left == (0, 0, 0)
    assert orders is not None
    assert orders[0] > 10


def test_a_platform_may_check_our_address_first(house: House, simulation: Simulation) -> None:
    from tandem.connectors.kit.envelopes import signature

    body = {"connector": "wechat_shop", "source": "weixin", "name": "小店", "simulated": True}
    account = house.person("admin").post("/v1/connector-accounts", body).json()
    token = simulation.shops["wechat_shop"].secrets["token"]
    query = {"timestamp": "1", "nonce": "n", "echostr": "4375120948345356249"}
    stranger = house.stranger()
    good = stranger.get(account["address"], **query, signature=signature(token, "1", "n"))
    assert (good.status_code, good.text) == (200, "4375120948345356249")
    assert stranger.get(account["address"], **query, signature="0" * 40).status_code == 401
