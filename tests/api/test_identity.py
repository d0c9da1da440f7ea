"""Pairs to decide about, merges and their undoing, through the application."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from harness.door import email, member, moment, phone
from harness.house import House


@pytest.fixture
def admin(house: House) -> Any:
    return house.person("admin")


_numbers = iter(range(10_000))


def send(person: Any, *identifiers: dict[str, str], **fields: Any) -> None:
    record = {
        "source": "t",
        "external_id": f"i{next(_numbers)}",
        "kind": "customer",
        "time": moment(),
        "payload": {"identifiers": list(identifiers), **fields},
    }
    answer = person.post("/v1/events", {"events": [record]})
    assert answer.json()["accepted"] == 1, answer.text


def owner_of(house: House, value_kind: str, last: int) -> UUID:
    """The customer made last but `last` who has an identifier of this kind."""
    with house.database.connect() as owner:
        row = owner.execute(
            "select customer_id from identifier where kind = %s order by customer_id desc offset %s limit 1",
            (value_kind, last),
        ).fetchone()
    assert row is not None
    return row[0]


def test_two_customers_are_merged_and_split_again(house: House, admin: Any) -> None:
    send(admin, phone(201), name="李丽", city="上海")
    first = owner_of(house, "phone", 0)
    send(admin, email("lili"), city="上海")
    second = owner_of(house, "email", 0)
    answer = admin.post("/v1/merges", {"survivor": str(first), "loser": str(second)})
    assert answer.json()["status"] == "done", answer.text
    line = admin.get("/v1/merges").json()["items"][0]
    assert (line["survivor"]["id"], line["loser"]["id"], line["rule"]["zh"], line["by"]) == (
        str(first),
        str(second),
        "人工",
        "Admin",
    )
    assert admin.post("/v1/merges", {"survivor": str(first), "loser": str(second)}).status_code == 409
    assert admin.post(f"/v1/merges/{line['id']}/undo").json()["status"] == "done"
    assert admin.get("/v1/merges").json()["items"][0]["undone_at"] is not None
    assert admin.post(f"/v1/merges/{line['id']}/undo").status_code == 409
    # Taken back, whoever joined them: neither an identifier nor the nightly comparison does it again.
    with house.database.connect() as owner:
        kept = owner.execute("select count(*) from merge_review where status = 'kept_apart' and a_id = %s", (first,))
        assert kept.fetchone() == (1,)


def test_a_merge_that_is_stuck_is_told_and_tried_again(house: House, admin: Any) -> None:
    send(admin, phone(221), name="卡住")
    first = owner_of(house, "phone", 0)
    send(admin, email("stuck"))
    second = owner_of(house, "email", 0)
    command = uuid4()
    with house.database.connect() as owner:
        owner.execute(
            "insert into merge_command (tenant_id, id, verb, survivor_id, loser_id, reason, filed_at, status, failures, outcome)"
            " values (%s, %s, 'merge', %s, %s, 'by_hand', now(), 'moving', 2, 'ValueError: no')",
            (house.a.id, command, first, second),
        )
        owner.execute("update customer set held = true where id = any(%s)", ([first, second],))
        owner.commit()
    (line,) = admin.get("/v1/merges/stuck").json()["items"]
    assert (line["id"], line["survivor"]["id"], line["why"], line["verb"]) == (
        str(command),
        str(first),
        "ValueError: no",
        "merge",
    )
    assert line["waiting"] >= 1, "what was told of her is not applied yet"
    assert admin.get("/v1/health").json()["held"] == 2
    # Its merge stands nowhere, so that trying again finds nothing to move and lets both go.
    assert admin.post(f"/v1/merges/stuck/{command}/retry").json()["status"] == "void"
    assert admin.get("/v1/merges/stuck").json()["items"] == []
    assert admin.get("/v1/health").json()["held"] == 0
    assert admin.post(f"/v1/merges/stuck/{command}/retry").status_code == 404


def test_a_contradiction_is_laid_before_a_person(house: House, admin: Any) -> None:
    send(admin, phone(211), member("x1"), name="王强")
    send(admin, phone(211), member("x2"), name="王伟")
    pair = admin.get("/v1/duplicates").json()["items"][-1]
    assert {pair["first"]["name"], pair["second"]["name"]} <= {"王强", "王伟", None}
    assert "会员号" in pair["reason"]["zh"]
    assert pair["first"]["phone"] is None or "****" in pair["first"]["phone"]
    both = {"first": pair["first"]["id"], "second": pair["second"]["id"]}
    assert admin.post("/v1/duplicates/keep-apart", both).status_code == 204
    assert all(one["first"]["id"] != both["first"] for one in admin.get("/v1/duplicates").json()["items"])


@pytest.mark.parametrize(
    "path", ["/v1/merges?cursor=WyJ4Il0", "/v1/duplicates?cursor=WyJ4Il0", "/v1/quarantine?cursor=nonsense"]
)
def test_a_cursor_we_did_not_make_is_refused(admin: Any, path: str) -> None:
    assert admin.get(path).status_code == 422


def test_unknown_and_invisible_customers_are_not_merged(house: House, admin: Any) -> None:
    send(admin, phone(221))
    known = str(owner_of(house, "phone", 0))
    assert admin.post("/v1/merges", {"survivor": known, "loser": str(uuid4())}).status_code == 404
    assert admin.post("/v1/merges", {"survivor": known, "loser": known}).status_code == 422
    assert admin.post(f"/v1/merges/{uuid4()}/undo").status_code == 404
    assert house.person("b.admin").post("/v1/merges", {"survivor": known, "loser": str(uuid4())}).status_code == 404
    assert house.person("finance").post("/v1/merges", {"survivor": known, "loser": known}).status_code == 403


def test_refused_merges_are_listed_with_why_until_they_are_done(house: House, admin: Any) -> None:
    send(admin, phone(901), name="赵一")
    one = owner_of(house, "phone", 0)
    send(admin, email("zhaoer"), name="赵二")
    two = owner_of(house, "email", 0)
    ids = sorted((one, two))
    with house.database.connect() as owner:
        for outcome, at in (("contradiction: member_no", "2020-01-01"), ("KeyError: broken", "2020-01-02")):
            owner.execute(
                """
                insert into merge_command (tenant_id, id, verb, survivor_id, loser_id, reason, filed_at, status, outcome)
                values (%s, tandem_new_id(), 'merge', %s, %s, 'phone', %s, 'refused', %s)
                """,
                (house.a.id, *ids, at, outcome),
            )
        owner.commit()
    (line,) = [one for one in admin.get("/v1/merges/refused").json()["items"] if one["survivor"]["id"] == str(ids[0])]
    assert (line["rule"]["zh"], line["why"]["zh"], line["open"]) == ("同一手机号", "多次处理失败，已放弃", True)
    assert admin.post("/v1/merges", {"survivor": str(ids[0]), "loser": str(ids[1])}).json()["status"] == "done"
    assert str(ids[0]) not in admin.get("/v1/merges/refused").text
    assert [one["loser"]["id"] for one in admin.get("/v1/merges", customer_id=str(ids[0])).json()["items"]] == [
        str(ids[1])
    ]
    assert house.person("marketing").get("/v1/merges/refused").status_code in {200, 403}


def household(admin: Any, number: int, *names: str) -> None:
    for place, name in enumerate(names):
        account = {"kind": "online_account", "value": f"h{number}-{place}", "scope": "shop"}
        send(admin, account, phone(number), name=name, city="上海", gender="male" if place else "female")


def test_a_pair_shows_both_sides_and_why(house: House, admin: Any) -> None:
    household(admin, 700, "王伟", "李丽")
    pair = admin.get("/v1/duplicates?pattern=surname%20phone").json()["items"][-1]
    assert pair["evidence"]["joined_by"]["zh"] == "同一手机号"
    assert "一家人" in pair["evidence"]["against"]["zh"]
    assert [one["field"] for one in pair["fields"]][:3] == ["name", "gender", "birthday"]
    both = {"first": pair["first"]["id"], "second": pair["second"]["id"]}
    beside = admin.get(f"/v1/duplicates/compare?first={both['first']}&second={both['second']}").json()
    assert {beside["first"]["id"], beside["second"]["id"]} == set(both.values())
    assert admin.get(f"/v1/duplicates/compare?first={both['first']}&second={uuid4()}").status_code == 404


def test_pairs_with_the_same_evidence_are_decided_together(house: House, admin: Any) -> None:
    for number in (710, 711, 712):
        household(admin, number, "王伟", "王小明")
    line = next(one for one in admin.get("/v1/duplicates/alike").json() if one["pattern"] == "name phone")
    assert line["count"] >= 3
    answer = admin.post("/v1/duplicates/alike", {"pattern": "name phone", "decision": "keep_apart"})
    assert answer.json()["count"] == line["count"]
    assert admin.get("/v1/duplicates?pattern=name%20phone").json()["items"] == []
    assert (
        house.person("finance").post("/v1/duplicates/alike", {"pattern": "x", "decision": "merge"}).status_code == 403
    )


def test_alike_pairs_are_merged_in_the_background(house: House, admin: Any) -> None:
    household(admin, 720, "陈一", "郑二")
    count = admin.post("/v1/duplicates/alike", {"pattern": "surname phone", "decision": "merge"}).json()["count"]
    with house.database.connect() as owner:
        filed = owner.execute("select count(*) from merge_command where forced and status = 'queued'").fetchone()
    assert filed is not None
    assert filed[0] >= count >= 1


def test_a_merge_takes_the_chosen_fields_and_says_so(house: House, admin: Any) -> None:
    send(admin, phone(730), city="上海")
    send(admin, email("choice"), city="杭州")
    first, second = owner_of(house, "phone", 0), owner_of(house, "email", 0)
    body = {"survivor": str(first), "loser": str(second), "choices": ["city"]}
    assert admin.post("/v1/merges", {**body, "choices": ["key_enc"]}).status_code == 422
    assert admin.post("/v1/merges", body).json()["status"] == "done"
    line = admin.get(f"/v1/merges?customer_id={first}").json()["items"][0]
    assert [one["zh"] for one in line["choices"]] == ["城市"]
    assert admin.get(f"/v1/merges?customer_id={second}").json()["items"][0]["id"] == line["id"]
    admin.post(f"/v1/merges/{line['id']}/undo")


def test_rules_are_the_tenants_and_every_change_is_written_down(house: House, admin: Any) -> None:
    answer = admin.get("/v1/identity/rules").json()
    assert answer["rules"]["merge_above"] == 0.8
    assert {one["kind"] for one in answer["kinds"]} >= {"phone", "email"}
    changed = {**answer["rules"], "weak": ["email"], "merge_above": 0.95}
    assert admin.put("/v1/identity/rules", changed).status_code == 204
    assert admin.get("/v1/identity/rules").json()["rules"] == changed
    with house.database.connect() as owner:
        row = owner.execute("select before, after from audit_entry where action = 'identity_rules.changed'").fetchone()
    assert row == ({"weak": [], "merge_above": 0.8}, {"weak": ["email"], "merge_above": 0.95})
    for wrong in ({"weak": ["union_id"]}, {"merge_above": 0.5}, {"review_above": 2}):
        assert admin.put("/v1/identity/rules", {**changed, **wrong}).status_code == 422
    assert house.person("finance").put("/v1/identity/rules", changed).status_code == 403
    assert admin.put("/v1/identity/rules", answer["rules"]).status_code == 204
