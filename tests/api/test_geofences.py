"""Are geofences listed, drawn, changed and deleted by whom they may be, and do customers carry a division and a place?"""

from typing import Any
from uuid import UUID

from api.test_customers import make, work
from harness.door import moment, phone
from harness.house import House, Person

SQUARE = [[118, 28], [123, 28], [123, 33], [118, 33], [118, 28]]


def area(ring: list[list[float]] | None = None) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [ring or SQUARE]}


def draw(person: Person, name: str, ring: list[list[float]] | None = None) -> dict[str, Any]:
    made = person.post("/v1/geofences", {"name": name, "label": f"{name}围栏", "area": area(ring)})
    assert made.status_code == 201, made.text
    return made.json()


def recorded(house: House, number: int, **fields: Any) -> UUID:
    payload = {"identifiers": [phone(number)], "city": "无名", **fields}
    record = {"source": "till", "external_id": str(number), "kind": "customer", "time": moment(), "payload": payload}
    answer = house.person("admin").post("/v1/events", {"events": [record]})
    assert answer.is_success, answer.text
    work(house.db, house.a.id)
    found = house.person("admin").get("/v1/customers", q=phone(number)["value"]).json()["items"]
    return UUID(found[0]["id"])


def test_a_geofence_is_made_listed_changed_and_deleted(house: House) -> None:
    admin = house.person("admin")
    made = draw(admin, "list-a")
    assert (made["rings"], made["points"], made["area"], made["used_by"]) == (1, 4, area(), [])
    assert [float(made[side]) for side in ("west", "south", "east", "north")] == [118, 28, 123, 33]
    draw(admin, "list-b")
    first = admin.get("/v1/geofences", q="list-", limit=1).json()
    second = admin.get("/v1/geofences", q="list-", limit=1, cursor=first["next"]).json()
    assert [one["name"] for page in (first, second) for one in page["items"]] == ["list-a", "list-b"]
    assert second["next"] is None
    moved = [[x + 1, y] for x, y in SQUARE]
    changed = admin.patch("/v1/geofences/list-a", {"label": "新名", "area": area(moved)}).json()
    assert (changed["label"], changed["area"]) == ("新名", area(moved))
    assert admin.delete("/v1/geofences/list-a").status_code == 204
    assert admin.get("/v1/geofences/list-a").status_code == 404
    trail = admin.get("/v1/audit", limit=20).json()["items"]
    told = [one["action"] for one in trail if one["action"].startswith("geofence.")]
    assert told[:4] == ["geofence.deleted", "geofence.changed", "geofence.created", "geofence.created"]


def test_mistakes_are_told_with_their_place(house: House) -> None:
    admin = house.person("admin")
    draw(admin, "taken")
    again = admin.post("/v1/geofences", {"name": "taken", "label": "x", "area": area()})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "geofence_name_taken")
    for body, code, place in (
        ({"name": "a'b", "label": "x", "area": area()}, "geofence_name", "name"),
        ({"name": "ok", "label": " ", "area": area()}, "geofence_label", "label"),
        ({"name": "ok", "label": "x", "area": area(SQUARE[:4])}, "geofence_area", "area.coordinates[0][3]"),
    ):
        refused = admin.post("/v1/geofences", body)
        assert refused.status_code in {422, 400}, refused.text
        assert refused.json()["error"]["code"] == code
        assert place in refused.text


def test_it_takes_the_right_to_change_segments(house: House) -> None:
    draw(house.person("admin"), "rights")
    finance = house.person("finance")
    assert finance.post("/v1/geofences", {"name": "no", "label": "no", "area": area()}).status_code == 403
    assert finance.delete("/v1/geofences/rights").status_code == 403


def test_what_asks_a_geofence_is_named_and_keeps_it(house: House) -> None:
    admin = house.person("admin")
    draw(admin, "used")
    text = "within(customer.location, 'geofence:used')"
    assert admin.post("/v1/segments", {"name": "围栏内", "text": text}).status_code == 201
    flow = admin.post("/v1/flows", {"name": "围栏流程"}).json()
    with house.database.connect() as owner:
        graph = '{"note": "within(customer.location, \'geofence:used\')"}'
        owner.execute("update flow set draft = %s where id = %s", (graph, flow["id"]))
    named = [one["zh"] for one in admin.get("/v1/geofences/used").json()["used_by"]]
    assert named == ["分群“围栏内”", "流程“围栏流程”"]
    refused = admin.delete("/v1/geofences/used")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "geofence_in_use")
    assert "围栏内" in refused.text


def test_a_source_says_where_somebody_is_and_lives(house: House) -> None:
    admin = house.person("admin")
    who = recorded(house, 7711, city="上海", district="黄浦区", location={"longitude": 121.4900001, "latitude": 31.23})
    shown = admin.get(f"/v1/customers/{who}").json()
    assert shown["division"] == {"code": "310101", "name": "上海市黄浦区"}
    assert {side: float(value) for side, value in shown["location"].items()} == {"longitude": 121.49, "latitude": 31.23}
    draw(admin, "around")
    segment = admin.post(
        "/v1/segments", {"name": "在围栏", "text": "within(customer.location, 'geofence:around')"}
    ).json()
    work(house.db, house.a.id)
    why = admin.get(f"/v1/segments/{segment['id']}/explain/{who}").json()
    assert why["is_member"]
    looked = why["why"]["values"][0]
    assert (looked["value"], looked["plain"]["zh"]) == ([121.49, 31.23], "客户的位置")
    assert "客户的位置" in why["why"]["plain"]["zh"]


def test_what_is_no_division_or_place_is_refused(house: House) -> None:
    admin = house.person("admin")
    for at, fields in enumerate(({"division": "310999"}, {"location": {"longitude": 31.2, "latitude": 121.5}})):
        payload = {"identifiers": [phone(7721)], **fields}
        record = {"source": "till", "external_id": f"bad{at}", "kind": "customer", "time": moment(), "payload": payload}
        refused = admin.post("/v1/events", {"events": [record]})
        assert refused.json()["error"]["code"] == "events_refused"
        assert f"payload.{next(iter(fields))}" in refused.text


def test_by_hand_a_place_and_a_division_are_set_and_cleared(house: House) -> None:
    one = make(house, city="手改城")
    admin = house.person("admin")
    body = {"location": {"longitude": "120.1", "latitude": "30.2"}, "division": "330106"}
    assert sorted(admin.patch(f"/v1/customers/{one.id}", body).json()["changed"]) == ["division", "location"]
    assert admin.get(f"/v1/customers/{one.id}").json()["division"]["name"] == "浙江省杭州市西湖区"
    assert "120.1" not in admin.get("/v1/audit", limit=5).text
    assert admin.patch(f"/v1/customers/{one.id}", {"division": "999999"}).status_code in {400, 422}
    admin.patch(f"/v1/customers/{one.id}", {"location": None, "division": None})
    shown = admin.get(f"/v1/customers/{one.id}").json()
    assert (shown["location"], shown["division"]) == (None, None)
