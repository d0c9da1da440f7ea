"""Do lists hold whom people put on them, do overlaps and trends say what is so, and to whom they may?"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from api.test_customers import Somebody, ids, make, work
from harness.house import House, Person


def live(house: House, person: Person, name: str, text: str) -> str:
    made = person.post("/v1/segments", {"name": name, "text": text})
    assert made.status_code == 201, made.text
    work(house.db, house.a.id)
    return made.json()["id"]


def new_list(house: House, person: Person, name: str) -> str:
    made = person.post("/v1/segments", {"name": name, "kind": "list"})
    assert made.status_code == 201, made.text
    work(house.db, house.a.id)
    return made.json()["id"]


def change(house: House, person: Person, segment: str, **body: Any) -> dict[str, Any]:
    answer = person.post(f"/v1/segments/{segment}/entries", body)
    assert answer.status_code == 200, answer.text
    work(house.db, house.a.id)
    return answer.json()


def members(person: Person, segment: str) -> set[str]:
    return set(ids(person.get(f"/v1/segments/{segment}/members")))


def test_a_list_takes_people_by_id_and_by_what_was_pasted(house: House) -> None:
    one, two, three = (make(house, city="单城") for _ in range(3))
    admin = house.person("admin")
    segment = new_list(house, admin, "答谢会名单")
    said = change(
        house, admin, segment, add=[str(one.id)], lines=[two.phone, "", "13700000001", two.phone, str(three.id)]
    )
    assert said == {"added": 3, "removed": 0, "already": 0, "unknown": [3], "ambiguous": []}
    assert members(admin, segment) == {str(one.id), str(two.id), str(three.id)}
    assert admin.get(f"/v1/segments/{segment}").json()["count"] == 3
    again = change(house, admin, segment, add=[str(one.id)], remove=[str(three.id)])
    assert (again["added"], again["already"], again["removed"]) == (0, 1, 1)
    assert members(admin, segment) == {str(one.id), str(two.id)}
    assert admin.post(f"/v1/segments/{segment}/audit").json() == {"differences": []}


def test_a_list_is_asked_by_other_segments_and_they_follow_it(house: House) -> None:
    one, two = make(house, city="问城"), make(house, city="问城")
    admin = house.person("admin")
    segment = new_list(house, admin, "黑名单")
    others = live(house, admin, "问城不在黑名单", f"customer.city = '问城' and not in_segment('{segment}')")
    assert members(admin, others) == {str(one.id), str(two.id)}
    change(house, admin, segment, add=[str(one.id)])
    assert members(admin, others) == {str(two.id)}
    change(house, admin, segment, remove=[str(one.id)])
    assert members(admin, others) == {str(one.id), str(two.id)}


def test_a_list_has_no_expression_and_other_segments_no_entries(house: House) -> None:
    admin = house.person("admin")
    assert admin.post("/v1/segments", {"name": "怪单", "kind": "list", "text": "true"}).status_code == 422
    assert admin.post("/v1/segments", {"name": "空的"}).status_code == 422
    listed = new_list(house, admin, "不变的名单")
    assert admin.patch(f"/v1/segments/{listed}", {"text": "customer.city = 'x'"}).status_code == 422
    renamed = admin.patch(f"/v1/segments/{listed}", {"name": "改了名的名单"})
    assert renamed.json()["plain"] is None
    followed = live(house, admin, "按条件", "customer.city = '条城'")
    assert "条城" in admin.get(f"/v1/segments/{followed}").json()["plain"]["zh"]
    refused = admin.post(f"/v1/segments/{followed}/entries", {"add": []})
    assert refused.status_code == 422
    assert refused.json()["error"]["code"] == "segment_no_list"


def test_nobody_lists_customers_they_may_not_see(house: House) -> None:
    near, far = make(house, store="s1"), make(house, store="s3")
    admin = house.person("admin")
    role = admin.post("/v1/roles", {"name": "管名单", "permissions": ["segment.read", "segment.write"]}).json()["id"]
    unit = str(house.a.units["s1"])
    person = admin.post(
        "/v1/users",
        {
            "login": "lister",
            "name": "名单员",
            "password": "kein leichtes 9",
            "assignments": [{"role_id": role, "scope": "store", "org_unit_id": unit}],
        },
    )
    assert person.status_code == 201, person.text
    segment = new_list(house, admin, "门店名单")
    lister = house.fresh("lister", "kein leichtes 9")
    said = change(house, lister, segment, add=[str(near.id), str(far.id)], lines=[far.phone])
    assert (said["added"], said["unknown"]) == (1, [1])
    assert members(admin, segment) == {str(near.id)}
    assert lister.get(f"/v1/segments/{segment}/trend").status_code == 403
    other = new_list(house, admin, "另一名单")
    put(house, admin, other, [near, far])
    seen = lister.get("/v1/segments/overlap", segment_id=[segment, other]).json()
    assert (seen["count"], regions(seen)) == (1, {frozenset({segment, other}): 1})


def regions(answer: dict[str, Any]) -> dict[frozenset[str], int]:
    return {frozenset(one["segment_ids"]): one["count"] for one in answer["regions"]}


def test_overlap_counts_every_combination_once(house: House) -> None:
    people = [make(house, city="叠城") for _ in range(6)]
    admin = house.person("admin")
    a, b, c = (new_list(house, admin, f"叠{one}") for one in "甲乙丙")
    put(house, admin, a, people[0:4])
    put(house, admin, b, people[2:5])
    put(house, admin, c, people[3:4])
    answer = admin.get("/v1/segments/overlap", segment_id=[a, b, c]).json()
    assert regions(answer) == {
        frozenset({a}): 2,
        frozenset({a, b}): 1,
        frozenset({a, b, c}): 1,
        frozenset({b}): 1,
    }
    assert answer["count"] == 5
    assert [one["name"] for one in answer["segments"]] == ["叠甲", "叠乙", "叠丙"]
    assert admin.get("/v1/segments/overlap", segment_id=[a, a]).status_code == 422
    assert admin.get("/v1/segments/overlap", segment_id=[a]).status_code == 422
    assert admin.get("/v1/segments/overlap", segment_id=[a, str(UUID(int=1))]).status_code == 404


def put(house: House, person: Person, segment: str, people: list[Somebody]) -> None:
    change(house, person, segment, add=[str(one.id) for one in people])


def test_the_trend_tells_comings_and_goings_apart_from_a_new_definition(house: House) -> None:
    people = [make(house, city="势城") for _ in range(3)]
    admin = house.person("admin")
    followed = live(house, admin, "势城人", "customer.city = '势城'")
    listed = new_list(house, admin, "势名单")
    put(house, admin, listed, people)
    change(house, admin, listed, remove=[str(people[0].id)])
    (before, today) = admin.get(f"/v1/segments/{listed}/trend", days=2).json()["days"]
    assert (before["count"], before["entered"], before["left"]) == (0, 0, 0)
    assert (today["count"], today["entered"], today["left"], today["refilled"]) == (2, 3, 1, 0)
    (before, today) = admin.get(f"/v1/segments/{followed}/trend", days=2).json()["days"]
    assert (today["count"], today["entered"], today["refilled"]) == (3, 0, 3)
    assert before["count"] == 0
    assert admin.get(f"/v1/segments/{followed}/trend", days=1).status_code == 422
    assert len(admin.get(f"/v1/segments/{followed}/trend", days=90).json()["days"]) == timedelta(days=90).days


def test_the_past_of_a_trend_stays_when_members_are_merged(house: House) -> None:
    people = [make(house, city="并城") for _ in range(3)]
    admin = house.person("admin")
    followed = live(house, admin, "并城人", "customer.city = '并城'")
    with house.database.connect() as owner:
        owner.execute("update segment_day set day = day - 1 where segment_id = %s", (followed,))

    def counts() -> list[int]:
        work(house.db, house.a.id)
        return [one["count"] for one in admin.get(f"/v1/segments/{followed}/trend", days=3).json()["days"]]

    assert counts() == [0, 3, 3]
    first, second, _ = sorted(one.id for one in people)
    assert admin.post("/v1/merges", {"survivor": str(first), "loser": str(second)}).json()["status"] == "done"
    assert counts() == [0, 3, 2]
    merge = admin.get(f"/v1/merges?customer_id={first}").json()["items"][0]["id"]
    assert admin.post(f"/v1/merges/{merge}/undo").status_code == 200
    assert counts() == [0, 3, 3]
