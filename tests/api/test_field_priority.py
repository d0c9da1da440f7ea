"""Does each field say where it comes from, and does a tenant decide whom to believe?"""

from api.test_customers import make
from harness.house import House
from tandem.kernel.ids import bucket_of


def test_a_field_says_where_it_comes_from_and_what_others_said(house: House) -> None:
    one = make(house)
    client = house.person("admin")
    assert client.patch(f"/v1/customers/{one.id}", {"city": "杭州", "name": "李雷"}).status_code == 200
    with house.db.tx("worker", tenant=house.a.id) as tx:
        tx.execute(
            """
            insert into customer_field (bucket, tenant_id, customer_id, origin_id, field, source, at, holds, value)
            values (%(b)s, %(t)s, %(id)s, %(id)s, 'city', 'pos', %(now)s, false, '"上海"')
            """,
            {"b": bucket_of(one.id), "t": house.a.id, "id": one.id, "now": tx.now},
        )
    answer = client.get(f"/v1/customers/{one.id}/fields").json()["fields"]
    found = {
        line["field"]: [(said["source"], said["value"], said["holds"]) for said in line["said"]] for line in answer
    }
    assert found == {
        "city": [("manual", "杭州", True), ("pos", "上海", False)],
        "division": [("manual", "330100", True)],
        "name": [("manual", "李雷", True)],
    }


def test_an_order_of_sources_is_decided_and_taken_back(house: House) -> None:
    client = house.person("admin")

    def city() -> tuple[list[str], bool]:
        lines = client.get("/v1/settings/field-priority").json()["fields"]
        return next((one["sources"], one["chosen"]) for one in lines if one["field"] == "city")

    default = city()
    assert not default[1]
    put = client.put("/v1/settings/field-priority/city", {"sources": ["pos", "shop*", "*"]})
    assert put.status_code == 204, put.text
    assert city() == (["pos", "shop*", "*"], True)
    assert client.put("/v1/settings/field-priority/city", {"sources": None}).status_code == 204
    assert city() == default
    for field, sources in (("nonsense", ["pos"]), ("city", ["pos", "pos"]), ("city", ["a*b"]), ("city", [])):
        refused = client.put(f"/v1/settings/field-priority/{field}", {"sources": sources})
        assert refused.status_code == 422, (field, sources, refused.text)
