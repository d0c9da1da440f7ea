"""Quarantine as a person meets it: by reason with counts, mended as text, replayed singly and in bulk with progress."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.door import moment, phone
from harness.house import House
from tandem.assembly import system
from tandem.kernel.jobs import run_next
from tandem.stream.door import redact
from tandem.stream.door.mending import REPLAY_JOB, replay_handler


def send(house: House, *records: dict[str, Any]) -> None:
    answer = house.person("admin").post("/v1/events?partial=true", {"events": list(records)})
    assert answer.status_code == 200, answer.text


def customer(source: str, number: int, **more: Any) -> dict[str, Any]:
    payload = {"identifiers": [phone(number)], **more}
    return {"source": source, "external_id": f"c{number}", "kind": "customer", "time": moment(), "payload": payload}


def groups(house: House, source: str) -> dict[str, tuple[int, str]]:
    items = house.person("admin").get("/v1/quarantine/groups").json()["items"]
    return {one["where"]: (one["count"], one["reason"]) for one in items if one["source"] == source}


def work(house: House) -> None:
    while run_next(house.db, {REPLAY_JOB: replay_handler(lambda: system().door_kinds)}):
        pass


def test_records_are_counted_by_source_and_reason_and_listed_by_them(house: House) -> None:
    send(house, *(customer("grouped", n, gender="?") for n in range(3)), customer("grouped", 9, birthday="soon"))
    found = groups(house, "grouped")
    assert {where: count for where, (count, _) in found.items()} == {"payload.gender": 3, "payload.birthday": 1}
    reason = found["payload.gender"][1]
    admin = house.person("admin")
    assert len(admin.get("/v1/quarantine", source="grouped", reason=reason).json()["items"]) == 3
    assert len(admin.get("/v1/quarantine", source="grouped").json()["items"]) == 4
    assert groups(house, "nobody") == {}
    assert house.person("b.admin").get("/v1/quarantine/groups").json()["items"] == []


def test_a_text_is_checked_mended_and_taken(house: House) -> None:
    send(house, customer("texts", 21, gender="?"))
    admin = house.person("admin")
    (one,) = admin.get("/v1/quarantine", source="texts").json()["items"]
    address = f"/v1/quarantine/{one['id']}/mend"
    wrong = json.dumps({"identifiers": [phone(21)], "gender": "unknown"})
    right = json.dumps({"identifiers": [phone(21)], "gender": "female"})
    assert admin.post(address, {"payload": "{"}).json()["error"]["code"] == "not_json"
    checked = admin.post(address, {"payload": right, "check": True}).json()
    assert (checked["accepted"], checked["problems"]) == (1, [])
    (same,) = admin.get("/v1/quarantine", source="texts").json()["items"]
    assert same["attempts"] == 0, "a check changes nothing"
    refused = admin.post(address, {"payload": wrong}).json()
    assert [problem["where"] for problem in refused["problems"]] == ["payload.gender"]
    assert admin.post(f"/v1/quarantine/{one['id']}/reveal").json()["payload"] == wrong
    assert admin.post(address, {"payload": right}).json()["accepted"] == 1
    assert admin.post(address, {"payload": right}).json()["error"]["code"] == "already_replayed"
    with house.database.connect() as owner:
        got = owner.execute(
            "select payload->'fields'->>'gender' from inbox where type = 'customer.recorded' and mode = 1"
        ).fetchall()
    assert ("female",) in got


def test_a_bulk_replay_takes_what_was_chosen_and_tells_how_far_it_is(house: House) -> None:
    send(house, *(customer("bulk", n, gender="?") for n in range(40, 44)), customer("bulk", 49, birthday="soon"))
    reason = groups(house, "bulk")["payload.gender"][1]
    with house.database.connect() as owner:
        owner.execute("update quarantine set payload_enc = payload_enc")
    admin = house.person("admin")
    started = admin.post("/v1/quarantine/replays", {"source": "bulk", "reason": reason})
    assert (started.status_code, started.json()["total"], started.json()["state"]) == (202, 4, "queued")
    assert admin.post("/v1/quarantine/replays", {}).json()["error"]["code"] == "replay_under_way"
    work(house)
    ended = admin.get(f"/v1/quarantine/replays/{started.json()['id']}").json()
    assert (ended["state"], ended["done"], ended["taken"], ended["refused"]) == ("done", 4, 0, 4)
    assert house.person("b.admin").get(f"/v1/quarantine/replays/{ended['id']}").status_code == 404
    with house.database.connect() as owner:
        tried = owner.execute(
            "select problems->0->>'where', attempts from quarantine where source = 'bulk' order by id"
        ).fetchall()
    assert tried == [
        ("events[0].payload.gender", 1),
        ("events[1].payload.gender", 1),
        ("events[2].payload.gender", 1),
        ("events[3].payload.gender", 1),
        ("events[4].payload.birthday", 0),
    ]


def test_a_bulk_replay_after_the_mapping_was_mended_takes_everything_once(house: House) -> None:
    from tandem.stream.door.pending import resolve_waiting
    from tandem.stream.sources.generic import signature

    rule = {
        "kind": "customer",
        "fields": {"identifiers[0].kind": {"value": "phone"}, "identifiers[0].value": {"path": "nowhere"}},
    }
    admin = house.person("admin")
    body = {"connector": "webhook", "source": "mapped", "name": "m", "secret": "12345678", "mapping": {"rules": [rule]}}
    source = admin.post("/v1/source-accounts", body).json()["source"]
    for number in range(5):
        sent = json.dumps({"mobile": f"1370000{number:04d}"}).encode()
        house.stranger().client.post(
            source["address"], content=sent, headers={"X-Signature": signature("12345678", sent)}
        )
    while resolve_waiting(house.db, system().door_kinds):
        pass
    assert {where: count for where, (count, _) in groups(house, "mapped").items()} == {"payload.identifiers": 5}
    rule["fields"]["identifiers[0].value"] = {"path": "mobile"}  # type: ignore[index]
    admin.patch(f"/v1/source-accounts/{source['id']}", {"mapping": {"rules": [rule]}})
    job = admin.post("/v1/quarantine/replays", {"source": "mapped"}).json()
    work(house)
    assert admin.get(f"/v1/quarantine/replays/{job['id']}").json()["taken"] == 5
    assert groups(house, "mapped") == {}


def test_what_a_record_says_of_people_is_closed_to_whom_people_are(house: House) -> None:
    more = {"name": "王薇薇", "birthday": "soon", "city": "苏州", "attrs": {"备注": "310104199001011234"}}
    send(house, customer("closed", 61, **more))
    send(house, {**customer("closed", 62), "kind": "no_such_kind"})
    admin, operator = house.person("admin"), house.person("operator")
    for one in admin.get("/v1/quarantine", source="closed").json()["items"]:
        address = f"/v1/quarantine/{one['id']}"
        whole, shown = admin.post(f"{address}/reveal").json(), operator.post(f"{address}/reveal").json()
        assert (whole["masked"], shown["masked"]) == (False, True)
        assert phone(61)["value"] in whole["payload"] or phone(62)["value"] in whole["payload"]
        for secret in ("王薇薇", phone(61)["value"], phone(62)["value"], "soon", "310104199001011234"):
            assert secret not in shown["payload"]
        assert [found["kind"] for found in json.loads(shown["payload"])["identifiers"]] == ["phone"]
        for check in (True, False):
            refused = operator.post(f"{address}/mend", {"payload": shown["payload"], "check": check})
            assert refused.status_code == 403
        assert admin.post(f"{address}/reveal").json() == whole
    text = operator.get("/v1/quarantine", source="closed").text + operator.get("/v1/quarantine/groups").text
    assert "王薇薇" not in text


def test_a_text_that_is_no_record_is_closed_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redact, "may_see", lambda _: False)
    assert redact.redacted("name=Li; 13800001111") == ("•••", True)
    assert redact.redacted('{"total": 5, "status": "paid"}') == ('{"total": 5, "status": "paid"}', False)
    assert (
        redact.redacted('{"location": {"longitude": 1.5, "at": 2}}')[0]
        == '{"location": {"longitude": "•••", "at": "•••"}}'
    )
