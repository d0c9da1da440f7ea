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
