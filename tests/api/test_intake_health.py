"""Rate, lag and failures by source: summed from the envelopes, with what was turned away, and alerts past the limits."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from harness.door import phone
from harness.house import House
from tandem.assembly import system
from tandem.kernel.turn import Turn
from tandem.stream.apply import apply
from tandem.stream.door.pending import resolve_waiting, take_in
from tandem.stream.door.wire import Parsed
from tandem.stream.sources import minutes, quality, raw, tally
from tandem.stream.sources.generic import signature
from tandem.stream.sources.health import SourceHealth, alerts_of
from tandem.stream.sources.quality import Counted, Quality

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
CALM = SourceHealth(
    source="s", account_id=None, name=None, connector=None, status="active", received=100, quarantined=0, unverified=0, refused=0,
    throttled=0, lag_seconds=5, lag_seconds_worst=9, last_at=NOW, poll_failures=0, poll_problem=None, poll_lag_seconds=None,
    lag_seconds_max=60, failure_percent_max=5, silent_minutes_max=30,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({}, []),
        ({"lag_seconds": 60}, []),
        ({"lag_seconds": 61}, ["lag"]),
        ({"poll_lag_seconds": 61}, ["lag"]),
        ({"quarantined": 5}, []),
        ({"quarantined": 6}, ["failures"]),
        ({"unverified": 6}, ["failures"]),
        ({"received": 1, "quarantined": 1}, []),
        ({"last_at": NOW - timedelta(minutes=31)}, ["silent"]),
        ({"last_at": None}, ["silent"]),
        ({"last_at": None, "silent_minutes_max": None}, []),
        ({"poll_failures": 2, "poll_problem": "answered 500"}, ["poll"]),
        ({"lag_seconds": 999, "quarantined": 99, "last_at": None, "status": "paused"}, []),
    ],
)
def test_alerts_are_what_is_past_its_limit(changed: dict[str, Any], codes: list[str]) -> None:
    assert [one.code for one in alerts_of(replace(CALM, **changed), NOW)] == codes


def health(house: House, source: str) -> dict[str, Any]:
    tally.flush(house.db)
    minutes.run(house.db)
    items = house.person("admin").get("/v1/intake-health/sources").json()["items"]
    return next(one for one in items if one["source"] == source)


@pytest.fixture(autouse=True)
def counted_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else writes down what was counted: `health` would look while another hand still holds some of it."""
    monkeypatch.setattr(tally, "is_due", lambda: False)


def ago(**span: int) -> str:
    return (datetime.now(UTC) - timedelta(**span)).isoformat()


def test_a_source_of_the_track_api_is_counted_with_its_lag_and_failures(house: House) -> None:
    def record(number: int, **more: Any) -> dict[str, Any]:
        payload = {"identifiers": [phone(number)], **more}
        return {
            "source": "till-7",
            "external_id": f"h{number}",
            "kind": "customer",
            "time": ago(minutes=10),
            "payload": payload,
        }

    records = [record(n) for n in range(8)] + [record(n, gender="?") for n in (8, 9)]
    house.person("admin").post("/v1/events?partial=true", {"events": records})
    found = health(house, "till-7")
    assert (found["received"], found["quarantined"], found["failure_percent"]) == (8, 2, 25.0)
    assert 595 <= found["lag_seconds"] <= 700
    assert [one["code"] for one in found["alerts"]] == ["failures"]
    assert health(house, "till-7")["received"] == 8, "summing again counts nothing twice"
    points = house.person("admin").get("/v1/intake-health/series", source="till-7", points=5).json()["points"]
    assert len(points) == 5
    assert (sum(one["received"] for one in points), sum(one["quarantined"] for one in points)) == (8, 2)
    hours = house.person("admin").get("/v1/intake-health/series", every="hour", points=24).json()["points"]
    assert len(hours) == 24
    assert sum(one["received"] for one in hours) >= 8


def test_a_webhooks_calls_are_counted_and_its_records_lag_is_found_when_it_is_opened(house: House) -> None:
    rule = {
        "kind": "customer",
        "time": "at",
        "fields": {"identifiers[0].kind": {"value": "phone"}, "identifiers[0].value": {"path": "mobile"}},
    }
    body = {"connector": "webhook", "source": "hooked", "name": "h", "secret": "12345678", "mapping": {"rules": [rule]}}
    source = house.person("admin").post("/v1/source-accounts", body | {"lag_seconds_max": 60}).json()["source"]
    sent = json.dumps({"mobile": "13700000001", "at": ago(hours=2)}).encode()
    client = house.stranger().client
    assert (
        client.post(source["address"], content=sent, headers={"X-Signature": signature("12345678", sent)}).status_code
        == 200
    )
    for _ in range(2):
        assert client.post(source["address"], content=sent).status_code == 401
    while resolve_waiting(house.db, system().door_kinds):
        pass
    found = health(house, "hooked")
    assert (found["received"], found["unverified"]) == (1, 2)
    assert 7195 <= found["lag_seconds"] <= 7300
    assert [one["code"] for one in found["alerts"]] == ["lag"]


def test_a_leap_of_the_clock_makes_nothing_late(house: House) -> None:
    """What happened within the leap came as it was made; what is older than the leap is late by what lies between."""
    now = datetime.now(UTC)

    def told(source: str, at: datetime) -> None:
        record = {"source": source, "external_id": "1", "kind": "customer", "time": at.isoformat()}
        call = {"events": [record | {"payload": {"identifiers": [phone(90)]}}]}
        assert house.person("b.admin").post("/v1/events", call).status_code == 200

    tenant = {"tenant": house.b.id, "now": now}
    with house.db.connection("owner") as tx:
        tx.execute("update tenant set demo = true, clock_offset = interval '12 hours' where id = %(tenant)s", tenant)
        tx.execute(
            """
            insert into job (id, tenant_id, kind, state, payload, created_at)
            values (gen_random_uuid(), %(tenant)s, 'clock.move', 'done',
              jsonb_build_object('from', %(now)s::timestamptz - interval '1 minute', 'to', %(now)s::timestamptz + interval '12 hours'),
              %(now)s::timestamptz - interval '1 minute')
            """,
            tenant,
        )
    told("leapt", now + timedelta(hours=3))
    told("late", now - timedelta(hours=2))
    minutes.run(house.db)
    items = house.person("b.admin").get("/v1/intake-health/sources").json()["items"]
    lags = {one["source"]: one["lag_seconds"] for one in items}
    assert lags["leapt"] < 600
    assert 7190 <= lags["late"] < 7800


def test_what_stands_there_is_old_and_not_late(house: House) -> None:
    """A platform's page read for what stands there tells of friendships of years ago; a page of news goes by its newest."""
    rule = {
        "kind": "customer",
        "time": "at",
        "fields": {"identifiers[0].kind": {"value": "phone"}, "identifiers[0].value": {"path": "mobile"}},
    }
    body = {
        "connector": "webhook",
        "source": "paged",
        "name": "p",
        "secret": "12345678",
        "mapping": {"each": "people", "rules": [rule]},
    }
    assert house.person("admin").post("/v1/source-accounts", body).status_code == 201
    old = {"mobile": "13700000071", "at": ago(days=30)}
    news = {"people": [old, {"mobile": "13700000072", "at": ago(minutes=5)}]}
    for name, page, query in (("a", {"people": [old]}, {raw.STANDING: "1"}), ("b", news, None)):
        with house.db.tx("door", tenant=house.a.id) as tx:
            item = raw.envelope("paged", name, tx.now, raw.wrap(json.dumps(page).encode(), query))
            take_in(tx, Parsed([item], [], {}))
    while resolve_waiting(house.db, system().door_kinds):
        pass
    assert 295 <= health(house, "paged")["lag_seconds"] <= 600


def test_each_company_sees_its_own_sources_and_only_who_may(house: House) -> None:
    health(house, "till-7")
    theirs = house.person("b.admin").get("/v1/intake-health/sources").json()["items"]
    assert "till-7" not in [one["source"] for one in theirs]
    assert house.person("operator").get("/v1/intake-health/sources").status_code == 200
    assert house.person("shop1").get("/v1/intake-health/sources").status_code == 403
    assert house.person("admin").get("/v1/intake-health/backlog").json()["pending"] == 0


def test_quality_is_counted_from_the_rows_a_source_left(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "SAMPLED_BUCKETS", 256)

    def member(number: int, source: str, **said: Any) -> dict[str, Any]:
        payload = {"identifiers": [phone(7300 + number)], **said}
        return {
            "source": source,
            "external_id": f"q{number}",
            "kind": "customer",
            "time": ago(minutes=5),
            "payload": payload,
        }

    whole = {"name": "王强", "gender": "male", "birthday": "1990-01-02", "city": "上海", "store": "s1"}
    good = [member(n, "q-good", **whole) for n in range(8)]
    thin = [member(n, "q-thin", name="王强") for n in range(20, 28)]
    broken = [member(n, "q-thin", gender="?") for n in range(40, 44)]
    assert house.person("admin").post("/v1/events?partial=true", {"events": [*good, *thin, *broken]}).is_success
    for lane in (0, 1, 2, 0, 1, 2):
        with house.db.tx("worker", tenant=house.a.id) as tx:
            apply(Turn(tx, list(range(256))), system(), 1000, lane)
    minutes.run(house.db)
    found = {one["source"]: one for one in house.person("admin").get("/v1/intake-health/quality").json()["items"]}
    assert (found["q-good"]["understood"], found["q-good"]["filled"], found["q-good"]["held"]) == (1.0, 1.0, 1.0)
    assert found["q-good"]["score"] == 100
    thin_one = found["q-thin"]
    assert (thin_one["received"], thin_one["unread"]) == (8, 4)
    assert (round(thin_one["understood"], 3), thin_one["filled"]) == (0.667, 0.2)
    assert thin_one["score"] == round(100 * (0.5 * 8 / 12 + 0.3 * 0.2 + 0.2))


def test_what_is_too_little_to_tell_is_not_told() -> None:
    assert quality.judged(Counted("s", 0, 0, 3, 3, 3)) == Quality("s", 0, 0, None, None, None, None)
    assert quality.judged(Counted("s", 9, 1, 0, 0, 0)).score == 90
