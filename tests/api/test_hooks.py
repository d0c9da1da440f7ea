"""The webhook door, through the real application: verified, durable before answered, understood later, mended and replayed."""

from __future__ import annotations

import json
import time
from typing import Any
from uuid import uuid4

import pytest
from httpx import Response

from harness.house import House
from tandem.stream.door.pending import resolve_waiting
from tandem.stream.sources.connector import Account, Delivery
from tandem.stream.sources.generic import GenericHook, signature

SECRET = "a shared secret"
MAPPING: dict[str, Any] = {
    "each": "people",
    "rules": [
        {
            "kind": "customer",
            "external_id": "id",
            "time": {"path": "at", "as": "time"},
            "fields": {
                "identifiers[0].kind": {"value": "phone"},
                "identifiers[0].value": {"path": "mobile"},
                "name": {"path": "name"},
                "gender": {"path": "sex", "words": {"F": "female", "M": "male"}},
            },
        }
    ],
}


def make(house: House, *, source: str = "crm", config: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    body = {"connector": "webhook", "source": source, "name": "旧系统", "secret": SECRET, "mapping": MAPPING, **more}
    answer = house.person("admin").post("/v1/source-accounts", body | {"config": config or {}})
    assert answer.status_code == 201, answer.text
    return answer.json()["source"]


def person(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"p{number}",
        "at": "2026-11-20T10:00:00+08:00",
        "mobile": f"1370000{number:04d}",
        "name": "李丽",
        "sex": "F",
        **more,
    }


def post(house: House, address: str, body: bytes, *, signed: str | None = None, **headers: str) -> Response:
    given = {"X-Signature": signature(SECRET, body) if signed is None else signed, "Content-Type": "application/json"}
    return house.stranger().client.post(address, content=body, headers=given | headers)


def people(*given: dict[str, Any]) -> bytes:
    return json.dumps({"people": list(given)}).encode()


def rows(house: House, statement: str, *params: object) -> list[tuple[Any, ...]]:
    with house.database.connect() as owner:
        return owner.execute(statement, params or None).fetchall()  # type: ignore[arg-type]


def counts(house: House) -> tuple[int, int, int, int]:
    (row,) = rows(
        house,
        "select (select count(*) from intake), (select count(*) from intake_pending), (select count(*) from customer), (select count(*) from quarantine where status = 'open')",
    )
    return row  # type: ignore[return-value]


def resolve(house: House) -> None:
    while resolve_waiting(house.db, _kinds()):
        pass


def _kinds() -> Any:
    from tandem.assembly import system

    return system().door_kinds


def test_a_delivery_is_durable_when_it_is_answered_and_understood_later(house: House) -> None:
    source = make(house)
    before = counts(house)
    answer = post(house, source["address"], people(person(1), person(2)))
    assert (answer.status_code, answer.json()) == (200, {"status": "kept"})
    assert counts(house) == (before[0] + 1, before[1] + 1, before[2], before[3])
    resolve(house)
    assert counts(house) == (before[0] + 1, before[1], before[2] + 2, before[3])
    assert rows(house, "select count(*) from inbox where type = 'customer.recorded'")[0][0] >= 2


def test_a_redelivery_is_harmless_in_the_same_and_in_other_words(house: House) -> None:
    source = make(house, source="again")
    body = people(person(11))
    for _ in range(3):
        assert post(house, source["address"], body).status_code == 200
    resolve(house)
    before = counts(house)
    assert post(house, source["address"], json.dumps({"people": [person(11)], "sent": 2}).encode()).status_code == 200
    resolve(house)
    after = counts(house)
    assert after[0] == before[0] + 1, "another envelope"
    assert after[2:] == before[2:], "of the same record"


@pytest.mark.parametrize(
    ("headers", "signed"),
    [({}, "0" * 64), ({}, ""), ({"X-Signature": "é"}, None)],
)
def test_what_is_not_signed_is_refused_and_leaves_nothing(
    house: House, headers: dict[str, str], signed: str | None
) -> None:
    source = make(house, source=f"signed-{uuid4().hex[:8]}")
    before = counts(house)
    body = people(person(21))
    given = {name: value.encode() for name, value in ({"X-Signature": signed or ""} | headers).items()}
    answer = house.stranger().client.post(source["address"], content=body, headers=given)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_verified")
    assert counts(house) == before


def test_a_signature_is_the_secrets_and_the_bodys(house: House) -> None:
    source = make(
        house, source="base64", config={"header": "X-Sign", "encoding": "base64", "prefix": "v1=", "reply": "success"}
    )
    body = people(person(31))
    good = "v1=" + signature(SECRET, body, "base64")
    assert (
        house.stranger().client.post(source["address"], content=body + b" ", headers={"X-Sign": good}).status_code
        == 401
    )
    answer = house.stranger().client.post(source["address"], content=body, headers={"X-Sign": good})
    assert (answer.status_code, answer.text) == (200, "success")
    house.person("admin").post(f"/v1/source-accounts/{source['id']}/secret", {"secret": "another secret"})
    assert house.stranger().client.post(source["address"], content=body, headers={"X-Sign": good}).status_code == 401


def test_a_name_that_is_not_signed_is_not_believed(house: House) -> None:
    """Who caught one signed call must neither send it again under another name nor spend the name of a call to come."""
    source = make(house, source="unsigned-name", config={"id_header": "X-Delivery"})
    before = counts(house)
    body = people(person(35))
    for name in ("d1", "d2", "d3"):
        assert post(house, source["address"], body, **{"X-Delivery": name}).status_code == 200
    assert counts(house)[0] == before[0] + 1, "one call, kept once"
    assert post(house, source["address"], people(person(36)), **{"X-Delivery": "d2"}).status_code == 200
    assert counts(house)[0] == before[0] + 2, "another call under a name that was used up"


SIGNED = {"id_header": "X-Id", "timestamp_header": "X-Time", "signed": "id.timestamp.body", "tolerance_seconds": 60}


def test_a_signed_name_and_time_are_held_to(house: House) -> None:
    source = make(house, source="signed-name", config=SIGNED)
    body = people(person(37))
    now = int(time.time())

    def call(name: str, at: object, *, signed_as: str | None = None) -> int:
        over = f"{signed_as or name}.{at}.".encode() + body
        given = {"X-Id": name, "X-Time": str(at)}
        return post(house, source["address"], body, signed=signature(SECRET, over), **given).status_code

    before = counts(house)
    assert [call("m1", now), call("m1", now + 1), call("m2", now * 1000)] == [200, 200, 200]
    assert counts(house)[0] == before[0] + 2, "m1 and m2"
    assert [call("m3", now, signed_as="m1"), call("m4", now - 120), call("m5", now + 120)] == [401, 401, 401]
    assert [call("m6", "soon"), call("m6", ""), call("m6", "-1"), call("m6", "9" * 40)] == [401] * 4
    assert post(house, source["address"], body).status_code == 401
    assert counts(house)[0] == before[0] + 2


@pytest.mark.parametrize(
    "config",
    [
        {"signed": "timestamp.body"},
        {"signed": "id.timestamp.body", "timestamp_header": "X-Time"},
        {**SIGNED, "tolerance_seconds": 1},
        {**SIGNED, "signed": "header"},
    ],
)
def test_half_a_signature_is_no_setting(house: House, config: dict[str, Any]) -> None:
    body = {"connector": "webhook", "source": f"half-{uuid4().hex[:8]}", "name": "x", "config": config}
    assert house.person("admin").post("/v1/source-accounts", body).json()["error"]["code"] == "bad_source_config"


def test_a_bearer_token_does_as_well(house: House) -> None:
    source = make(house, source="bearer", config={"verify": "bearer"})
    client = house.stranger().client
    body = people(person(41))
    assert client.post(source["address"], content=body, headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert client.post(source["address"], content=body, headers={"Authorization": f"Basic {SECRET}"}).status_code == 401
    assert (
        client.post(source["address"], content=body, headers={"Authorization": f"Bearer {SECRET}"}).status_code == 200
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"not json", "the body is not JSON"),
        (b"\xff\xfe\x00", "the body is not JSON"),
        (b"", "the body is not JSON"),
        (b"[" * 5000, "the body is not JSON"),
        (b'{"people": 3}', "there is no list at people"),
        (b'{"people": [{"id": "x", "at": "soon"}]}', "cannot be read as time"),
        (b'{"people": [{"id": "x", "at": "2026-11-20T10:00:00Z", "mobile": "call me"}]}', "phone"),
        (
            b'{"people": [{"id": "n", "at": "2026-11-20T10:00:00Z", "mobile": "13700000051", "name": "a\\u0000b"}]}',
            "NUL",
        ),
    ],
)
def test_what_cannot_be_understood_is_answered_kept_and_told(house: House, body: bytes, reason: str) -> None:
    source = make(house, source=f"odd-{uuid4().hex[:8]}")
    assert post(house, source["address"], body).status_code == 200
    resolve(house)
    found = house.person("admin").get("/v1/quarantine").json()["items"]
    mine = [one for one in found if one["source"] == source["source"]]
    assert len(mine) == 1, found
    assert reason in mine[0]["problems"][0]["what"]["en"]


def test_a_mended_mapping_and_a_replay_take_what_was_kept(house: House) -> None:
    broken = {**MAPPING, "each": "persons"}
    source = make(house, source="mended", mapping=broken)
    post(house, source["address"], people(person(61), person(62, sex="?")))
    resolve(house)
    admin = house.person("admin")
    (one,) = [one for one in admin.get("/v1/quarantine").json()["items"] if one["source"] == "mended"]
    assert admin.patch(f"/v1/source-accounts/{source['id']}", {"mapping": MAPPING}).status_code == 200
    first = admin.post(f"/v1/quarantine/{one['id']}/replay").json()
    assert (first["accepted"], len(first["refused"])) == (1, 1), "the sound one is taken, the other told"
    assert first["refused"][0]["where"] == "customer p62: payload.gender"
    words = MAPPING["rules"][0]["fields"]["gender"]["words"] | {"?": "other"}
    fields = MAPPING["rules"][0]["fields"] | {"gender": {"path": "sex", "words": words}}
    mended = {**MAPPING, "rules": [{**MAPPING["rules"][0], "fields": fields}]}
    admin.patch(f"/v1/source-accounts/{source['id']}", {"mapping": mended})
    second = admin.post(f"/v1/quarantine/{one['id']}/replay").json()
    assert (second["accepted"], second["duplicates"], second["refused"]) == (1, 1, [])


def test_unknown_and_paused_accounts_and_other_connectors_are_nobody(house: House) -> None:
    source = make(house, source="paused")
    house.person("admin").patch(f"/v1/source-accounts/{source['id']}", {"status": "paused"})
    body = people(person(71))
    assert post(house, source["address"], body).status_code == 404
    assert post(house, f"/hooks/webhook/{uuid4()}", body).status_code == 404
    assert post(house, f"/hooks/nobody/{source['id']}", body).status_code == 404
    assert post(house, "/hooks/webhook/nonsense", body).status_code == 422


def test_a_body_past_the_limit_is_refused(house: House) -> None:
    source = make(house, source="large")
    answer = post(house, source["address"], b'"' + b"x" * 1_000_000 + b'"')
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")


def test_a_flood_is_told_when_to_come_back(house: House) -> None:
    from tandem.stream.sources.hooks import HookDoor
    from tandem.stream.sources.limits import Limit

    source = make(house, source="flood")
    kept = getattr(house.app.state, "hook_door", None)
    house.app.state.hook_door = HookDoor(house.db, limit=Limit(60, 2, clock=lambda: 0.0))
    try:
        answers = [post(house, source["address"], people(person(80 + n))) for n in range(3)]
    finally:
        house.app.state.hook_door = kept or HookDoor(house.db)
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"] == "1"


def test_a_stranger_does_not_use_up_what_the_platform_may_send(house: House) -> None:
    from tandem.stream.sources.hooks import HookDoor
    from tandem.stream.sources.limits import Limit

    source = make(house, source="stranger")
    kept = getattr(house.app.state, "hook_door", None)
    house.app.state.hook_door = HookDoor(house.db, limit=Limit(60, 2, clock=lambda: 0.0))
    try:
        strange = [post(house, source["address"], people(person(95)), signed="no").status_code for _ in range(5)]
        known = post(house, source["address"], people(person(95))).status_code
    finally:
        house.app.state.hook_door = kept or HookDoor(house.db)
    assert (set(strange), known) == ({401}, 200)


def test_deliveries_whose_long_names_begin_alike_are_two() -> None:
    """Records without an id of their own are named after their delivery."""
    config = {"id_header": "X-Delivery", "verify": "bearer"}
    account = Account(uuid4(), uuid4(), "webhook", "s", "active", config, None, SECRET)
    named = [Delivery({"x-delivery": "d" * 180 + str(number)}, {}, b"{}") for number in range(2)]
    assert len({GenericHook().delivery_id(account, one) for one in named}) == 2


def test_a_mapping_is_tried_on_a_sample_and_nothing_is_kept(house: House) -> None:
    before = counts(house)
    sample = {"people": [person(91), person(92, mobile="call me"), {"id": "x"}]}
    answer = house.person("admin").post("/v1/source-mappings/try", {"mapping": MAPPING, "sample": sample}).json()
    assert [one["problem"] is None for one in answer["records"]] == [True, False]
    assert answer["records"][1]["problem"]["where"] == "payload.identifiers[0].value"
    assert [one["where"] for one in answer["problems"]] == ["time"]
    assert counts(house) == before
    bad = house.person("admin").post("/v1/source-mappings/try", {"mapping": {"rules": []}, "sample": {}})
    assert (bad.status_code, bad.json()["error"]["code"]) == (422, "bad_mapping")


def test_accounts_are_listed_changed_and_removed_and_never_show_their_secret(house: House) -> None:
    admin = house.person("admin")
    source = make(house, source="managed")
    assert SECRET not in admin.get("/v1/source-accounts").text
    assert admin.patch(f"/v1/source-accounts/{source['id']}", {"name": "新名"}).json()["name"] == "新名"
    assert house.person("b.admin").get(f"/v1/source-accounts/{source['id']}").status_code == 404
    twice = admin.post("/v1/source-accounts", {"connector": "webhook", "source": "managed", "name": "x"})
    assert twice.json()["error"]["code"] == "source_taken"
    unknown = admin.post("/v1/source-accounts", {"connector": "fax", "source": "fax", "name": "x"})
    assert unknown.json()["error"]["code"] == "unknown_connector"
    assert admin.delete(f"/v1/source-accounts/{source['id']}").status_code == 204
    assert admin.get(f"/v1/source-accounts/{source['id']}").status_code == 404
