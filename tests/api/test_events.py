"""`POST /v1/events` and the quarantine, through the real application: every way a call can be wrong names its place and leaves nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx import Response

from harness.door import moment, phone
from harness.house import House

TABLES = ("intake_key", "intake", "inbox", "identifier", "customer", "entity_key", "quarantine")
SQL = "'; drop table customer; -- \" $1 %s {}"


def record(external_id: str, payload: dict[str, Any], *, kind: str = "customer", **more: Any) -> dict[str, Any]:
    return {"source": "till", "external_id": external_id, "kind": kind, "time": moment(), "payload": payload, **more}


def person(number: int, **more: Any) -> dict[str, Any]:
    return {"identifiers": [phone(number)], **more}


def send(house: House, *records: Any, query: str = "", login: str = "admin") -> Response:
    return house.person(login).post(f"/v1/events{query}", {"events": list(records)})


def raw(house: House, body: bytes) -> Response:
    someone = house.person("admin")
    headers = {"X-CSRF-Token": someone.csrf, "Content-Type": "application/json"}
    return someone.client.post("/v1/events", content=body, headers=headers)


def counts(house: House) -> dict[str, int]:
    with house.database.connect() as owner:
        return {table: owner.execute(f"select count(*) from {table}").fetchone()[0] for table in TABLES}  # type: ignore[index]


def places(answer: Response) -> list[str]:
    return [one["where"] for one in answer.json()["error"]["details"]]


def test_records_are_taken_and_repeats_are_harmless(house: House) -> None:
    first = record("a1", person(101, name="李丽"))
    assert send(house, first).json() == {"accepted": 1, "duplicates": 0, "updates": 0, "refused": []}
    assert send(house, first).json() == {"accepted": 0, "duplicates": 1, "updates": 0, "refused": []}
    changed = {**first, "payload": person(101, name="李丽丽")}
    assert send(house, changed).json() == {"accepted": 0, "duplicates": 0, "updates": 1, "refused": []}


ORDER = {
    "order_id": "o1",
    "identifiers": [phone(7)],
    "status": "paid",
    "placed_at": moment(),
    "paid_at": moment(),
    "total": 10,
    "lines": [{"line_no": 1, "product_id": "p", "quantity": 1, "amount": 10}],
}


@pytest.mark.parametrize(
    ("bad", "where"),
    [
        (record("x", person(1), kind="nonsense"), "events[1].kind"),
        (record("x", {"identifiers": "no"}), "events[1].payload.identifiers"),
        (record("x", person(1, name=7)), "events[1].payload.name"),
        (record("x", person(1, name="长" * 201)), "events[1].payload.name"),
        (record("x", person(1, gender="unknown")), "events[1].payload.gender"),
        (record("x", person(1, birthday="2999-01-01")), "events[1].payload.birthday"),
        (record("x", person(1, birthday="9999-12-31")), "events[1].payload.birthday"),
        (
            record("x", {"identifiers": [{"kind": "phone", "value": "call me"}]}),
            "events[1].payload.identifiers[0].value",
        ),
        (record("x", {"identifiers": [{"kind": "phone", "value": SQL}]}), "events[1].payload.identifiers[0].value"),
        (record("x", {"identifiers": [{"kind": "phone", "value": "13800138000"}]}), "events[1].payload.identifiers"),
        (record("x", {"identifiers": [{"kind": "fax", "value": "1"}]}), "events[1].payload.identifiers[0].kind"),
        (record("x", ORDER | {"total": -1}, kind="order"), "events[1].payload.total"),
        (record("x", ORDER | {"total": "1e9999"}, kind="order"), "events[1].payload.total"),
        (record("x", ORDER | {"total": "NaN"}, kind="order"), "events[1].payload.total"),
        (
            record(
                "x", ORDER | {"lines": [{"line_no": 1, "product_id": "p", "quantity": 1, "amount": -3}]}, kind="order"
            ),
            "events[1].payload.lines[0].amount",
        ),
        (record("x", ORDER | {"paid_at": "9999-12-31T23:59:59Z"}, kind="order"), "events[1].payload (order.paid)"),
        (record("x", ORDER | {"status": "lost"}, kind="order"), "events[1].payload.status"),
        (record("x", person(1), time="9999-12-31T23:59:59Z"), "events[1].time"),
        (record("x", person(1), time="9999-12-31T23:59:59-10:00"), "events[1].time"),
        (record("x", person(1), time="1970-01-01T00:00:00Z"), "events[1].time"),
        (record("x", person(1), time="2026-01-01T00:00:00"), "events[1].time"),
        (record("x", person(1), time=5), "events[1].time"),
        (record("", person(1)), "events[1].external_id"),
        (record("x", person(1), mode="later"), "events[1].mode"),
        (record("x", 3), "events[1].payload"),  # type: ignore[arg-type]
        ("text", "events[1]"),
        (None, "events[1]"),
    ],
)
def test_a_bad_record_is_named_with_its_place_and_nothing_is_done(house: House, bad: Any, where: str) -> None:
    before = counts(house)
    answer = send(house, record("good", person(99)), bad)
    assert answer.status_code == 422, answer.text
    assert places(answer) == [where]
    detail = answer.json()["error"]["details"][0]["what"]
    assert detail["zh"]
    assert detail["en"]
    assert counts(house) == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"events": 3}',
        b'{"events": [}',
        b"\xff\xfe",
        b'{"events": ["\\ud800"]}',
        b"{" * 100_000,
        b'{"events":' + b"[" * 50_000,
    ],
)
def test_what_is_not_a_call_is_refused(house: House, body: bytes) -> None:
    before = counts(house)
    answer = raw(house, body)
    assert answer.status_code in {400, 422}, answer.text
    assert answer.json()["error"]["message"]["zh"]
    assert counts(house) == before


def test_nul_characters_are_refused(house: House) -> None:
    before = counts(house)
    body = json.dumps({"events": [record("n", person(1, name="a\x00b"))]}).encode()
    answer = raw(house, body)
    assert answer.status_code in {400, 422}
    assert counts(house) == before


def test_a_backslash_before_u0000_is_ordinary_text(house: House) -> None:
    assert send(house, record("bs", person(102, name="a\\u0000b"))).status_code == 200


def test_five_thousand_and_one_are_too_many(house: House) -> None:
    before = counts(house)
    answer = send(house, *(record(f"m{number}", {}) for number in range(5001)))
    assert answer.status_code == 413
    assert "5001" in answer.json()["error"]["message"]["en"]
    assert counts(house) == before


def test_a_ten_megabyte_name_is_refused(house: House) -> None:
    before = counts(house)
    for size in (9_000_000, 11_000_000):
        answer = send(house, record("big", person(1, name="x" * size)))
        assert answer.status_code in {413, 422}
    assert counts(house) == before


def test_emoji_and_sql_are_only_text(house: House) -> None:
    text = f"👨‍👩‍👧𠮷{SQL}"
    answer = send(
        house,
        {
            **record(
                text[:60], person(103, name=text, city=text, district=text, store=text, tags=[text], attrs={text: text})
            ),
            "source": text[:60],
        },
    )
    assert answer.json()["accepted"] == 1, answer.text
    assert counts(house)["customer"] > 0


def test_at_most_a_hundred_places_are_named(house: House) -> None:
    answer = send(house, *(record(f"h{number}", {}) for number in range(150)))
    assert len(places(answer)) == 100
    assert "150" in answer.json()["error"]["message"]["en"]


def test_partial_quarantines_and_a_replay_takes_what_was_mended(house: House) -> None:
    yesterday = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    answer = send(house, record("p1", person(104)), record("p2", person(105), time=yesterday), query="?partial=true")
    assert answer.json()["accepted"] == 1
    assert answer.json()["refused"][0]["where"] == "events[1].time"
    admin = house.person("admin")
    listed = next(one for one in admin.get("/v1/quarantine").json()["items"] if one["external_id"] == "p2")
    assert "payload" not in listed
    again = admin.post(f"/v1/quarantine/{listed['id']}/replay").json()
    assert again["refused"][0]["where"] == "events[0].time"
    with house.database.connect() as owner:
        owner.execute("update quarantine set occurred_at = now() where id = %s", (listed["id"],))
    assert admin.post(f"/v1/quarantine/{listed['id']}/replay").json()["accepted"] == 1
    assert admin.post(f"/v1/quarantine/{listed['id']}/replay").status_code == 409
    with house.database.connect() as owner:
        assert owner.execute(
            "select mode from inbox where type = 'customer.recorded' order by received_at desc limit 1"
        ).fetchone() == (1,)


def test_only_who_may_write_events_may(house: House) -> None:
    before = counts(house)
    assert send(house, record("no", person(106)), login="finance").status_code == 403
    assert house.stranger().post("/v1/events", {"events": []}).status_code in {401, 403}
    assert counts(house) == before


def test_quarantine_shows_on_demand_and_replays_all(house: House) -> None:
    late = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    send(house, record("q1", person(120), time=late), record("q2", person(121), time=late), query="?partial=true")
    admin = house.person("admin")
    lines = {one["external_id"]: one["id"] for one in admin.get("/v1/quarantine").json()["items"]}
    assert "identifiers" in admin.post(f"/v1/quarantine/{lines['q1']}/reveal").json()["payload"]
    with house.database.connect() as owner:
        owner.execute("update quarantine set occurred_at = now() where id = %s", (lines["q1"],))
    done = admin.post("/v1/quarantine/replay", {}).json()
    assert done["taken"] == 1
    assert done["refused"] >= 1
    assert done["next"] is None
    open_now = {one["external_id"] for one in admin.get("/v1/quarantine").json()["items"]}
    assert "q2" in open_now
    assert "q1" not in open_now
    finance = house.person("finance")
    assert finance.post(f"/v1/quarantine/{lines['q2']}/reveal").status_code == 403
    assert finance.post("/v1/quarantine/replay", {}).status_code == 403


def test_failed_events_are_listed_and_put_back(house: House) -> None:
    with house.database.connect() as owner:
        ids = [
            owner.execute(
                """
                insert into inbox_failed (bucket, tenant_id, lane, occurred_at, received_at, event_id, mode, type, payload, hops, reason, failed_at)
                values (%s, %s, 0, now(), now(), tandem_new_id(), 0, 'order.paid', '{}', 0, '坏了 / broken', now()) returning event_id
                """,
                (bucket, house.a.id),
            ).fetchone()[0]  # type: ignore[index]
            for bucket in (3, 4, 5)
        ]
    admin = house.person("admin")
    first = admin.get("/v1/failed-events", limit=2).json()
    rest = admin.get("/v1/failed-events", cursor=first["next"]).json()["items"]
    listed = [*first["items"], *rest]
    assert {one["id"] for one in listed} == {str(one) for one in ids}
    assert listed[0]["reason"] == "坏了 / broken"
    assert listed[0]["label"]["zh"]
    assert house.person("finance").get("/v1/failed-events").status_code == 403
    assert admin.post(f"/v1/failed-events/{ids[0]}/retry").json() == {"retried": 1, "next": None}
    assert admin.post(f"/v1/failed-events/{ids[0]}/retry").status_code == 404
    assert admin.post("/v1/failed-events/retry", {}).json() == {"retried": 2, "next": None}
    assert admin.get("/v1/failed-events").json()["items"] == []
    with house.database.connect() as owner:
        assert owner.execute("select count(*) from inbox where event_id = any(%s)", (ids,)).fetchone() == (3,)
