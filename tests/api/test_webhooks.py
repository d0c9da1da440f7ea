"""Webhooks through the API: the secret is shown once, nothing leads inside, what may not be seen may not be sent."""

from __future__ import annotations

from typing import Any

from harness.house import House, Person
from tandem.access.service import assign_role
from tandem.kernel.db import begin

URL = "https://hooks.example.com/tandem"


def make(person: Person, **more: Any) -> Any:
    return person.post("/v1/webhooks", {"name": "erp", "url": URL, "event_types": ["order.paid"], **more})


def code(answer: Any) -> str:
    return answer.json()["error"]["code"]


def test_a_secret_is_shown_once_and_stored_sealed(house: House) -> None:
    admin = house.person("admin")
    made = make(admin).json()
    assert made["secret"].startswith("whsec_")
    webhook = made["webhook"]["id"]
    assert made["secret"] not in admin.get("/v1/webhooks").text
    assert made["secret"] not in admin.get("/v1/audit", entity_id=webhook).text
    again = admin.post(f"/v1/webhooks/{webhook}/secret", {"overlap_hours": 1}).json()
    assert again["secret"] != made["secret"]
    assert again["old_secret_until"] is not None
    with house.database.connect() as owner:
        stored = owner.execute("select to_jsonb(w)::text from webhook w").fetchall()
    assert not any(made["secret"] in row[0] for row in stored)


def test_what_cannot_work_is_refused_with_its_place(house: House) -> None:
    admin = house.person("admin")
    for url in ("https://127.0.0.1/", "http://hooks.example.com/", "https://169.254.169.254/"):
        assert code(make(admin, url=url)) == "bad_webhook_url"
    assert code(make(admin, event_types=["order.payed"])) == "unknown_event_type"
    wrong = make(admin, filter="event.totel > 1")
    assert code(wrong) == "bad_filter"
    assert wrong.json()["error"]["details"][0]["where"] == "filter"
    assert code(make(admin, filter="event.total")) == "bad_filter"
    assert make(admin, filter="event.total > 1 and customer.city = '上海'").status_code == 201


def test_changing_pausing_and_removing(house: House) -> None:
    admin = house.person("admin")
    webhook = make(admin).json()["webhook"]["id"]
    changed = admin.patch(f"/v1/webhooks/{webhook}", {"status": "paused", "name": "till"}).json()
    assert (changed["status"], changed["name"]) == ("paused", "till")
    assert code(admin.post(f"/v1/webhooks/{webhook}/test")) == "webhook_off"
    admin.patch(f"/v1/webhooks/{webhook}", {"status": "active"})
    test = admin.post(f"/v1/webhooks/{webhook}/test")
    assert (test.status_code, test.json()["type"], test.json()["status"]) == (202, "webhook.test", "pending")
    listed = admin.get(f"/v1/webhooks/{webhook}/deliveries", status="pending").json()["items"]
    assert [one["id"] for one in listed] == [test.json()["id"]]
    whole = admin.get(f"/v1/webhook-deliveries/{test.json()['id']}").json()
    assert whole["body"]["type"] == "webhook.test"
    assert whole["log"] == []
    assert admin.post(f"/v1/webhook-deliveries/{test.json()['id']}/replay").status_code == 202
    assert admin.post(f"/v1/webhooks/{webhook}/replay", {"status": "dead"}).json() == {"replayed": 0, "more": False}
    assert admin.delete(f"/v1/webhooks/{webhook}").status_code == 204
    assert admin.get(f"/v1/webhooks/{webhook}").status_code == 404
    assert house.person("b.admin").get("/v1/webhooks").json()["items"] == []


def test_whoever_sees_some_customers_only_makes_no_webhook_for_all(house: House) -> None:
    admin = house.person("admin")
    role = admin.post("/v1/roles", {"name": "hooks", "permissions": ["webhook.*"]}).json()
    with house.db.connection("owner") as connection:
        tx = begin(connection, tenant=house.a.id)
        assign_role(tx, house.a.people["agent"], role["code"], scope="store", org_unit_id=house.a.units["s1"])
        assign_role(tx, house.a.people["finance"], role["code"])
    assert code(make(house.fresh("agent"))) == "out_of_scope"
    # finance holds webhook.* everywhere, and no right to see personal data
    finance = house.fresh("finance")
    assert make(finance).status_code == 201
    assert code(make(finance, include_personal=True)) == "forbidden"
    assert code(make(finance, filter="customer.name = '李丽'")) == "bad_filter"


def test_event_types_are_documented_with_an_example(house: House) -> None:
    admin = house.person("admin")
    types = {one["name"]: one for one in admin.get("/v1/webhook-event-types").json()["items"]}
    paid = types["order.paid"]
    assert paid["version"] >= 1
    assert {"order_id", "total"} <= {one["name"] for one in paid["fields"]}
    assert set(paid["example"]["data"]) <= {one["name"] for one in paid["fields"]}
    first = admin.get("/v1/webhook-event-types", limit=2).json()
    second = admin.get("/v1/webhook-event-types", limit=2, cursor=first["next"]).json()
    names = [one["name"] for one in (*first["items"], *second["items"])]
    assert names == sorted(types)[:4]


def test_personal_bodies_do_not_follow_an_address_set_by_whom_they_are_closed_to(house: House) -> None:
    """Waiting and replayed deliveries keep their body: nobody without the right may point them elsewhere, or read them."""
    admin = house.person("admin")
    role = admin.post("/v1/roles", {"name": "pipes", "permissions": ["webhook.*"]}).json()
    with house.db.connection("owner") as connection:
        assign_role(begin(connection, tenant=house.a.id), house.a.people["finance"], role["code"])
    finance = house.fresh("finance")
    webhook = make(admin, include_personal=True).json()["webhook"]["id"]
    test = admin.post(f"/v1/webhooks/{webhook}/test").json()["id"]
    assert finance.get(f"/v1/webhook-deliveries/{test}").json()["body"] is None
    assert finance.patch(f"/v1/webhooks/{webhook}", {"include_personal": False}).status_code == 200
    assert finance.get(f"/v1/webhook-deliveries/{test}").json()["body"] is None
    elsewhere = {"url": "https://elsewhere.example.com/"}
    assert code(finance.patch(f"/v1/webhooks/{webhook}", elsewhere)) == "forbidden"
    assert finance.patch(f"/v1/webhooks/{webhook}", {"url": URL, "name": "same"}).status_code == 200
    assert admin.patch(f"/v1/webhooks/{webhook}", elsewhere).status_code == 200
    plain = make(admin).json()["webhook"]["id"]
    assert finance.patch(f"/v1/webhooks/{plain}", elsewhere).status_code == 200
