"""Do people find, see and change exactly the customers they may, and does every change leave its trace?"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from uuid import UUID

import pytest

from harness.house import PASSWORD, Company, House, Person
from tandem.assembly import system
from tandem.kernel.db import Database
from tandem.kernel.ids import bucket_of, new_id
from tandem.kernel.turn import Turn
from tandem.stream.apply import apply
from tandem.stream.customer.api import TimelineKind
from tandem.stream.customer.export import neutral
from tandem.stream.customer.timeline import KINDS
from tandem.stream.keys import tenant_keys
from tandem.stream.segment.fill import fill

BUCKETS = list(range(256))


@dataclass
class Somebody:
    """A customer made for a test."""

    id: UUID
    phone: str


def make(
    house: House,
    *,
    name: str = "王小明",
    store: str | None = None,
    owner: str | None = None,
    city: str = "上海",
    company: Company | None = None,
) -> Somebody:
    """A customer with a sealed name and phone number, as the door leaves one."""
    firm = company or house.a
    one = new_id()
    phone = f"+86139{one.int % 10**8:08d}"
    with house.db.tx("worker", tenant=firm.id) as tx:
        keys = tenant_keys(tx)
        key, wrapped = keys.new_data_key()
        params = {
            "b": bucket_of(one),
            "id": one,
            "t": firm.id,
            "now": tx.now,
            "name": keys.seal(key, name),
            "name_hash": keys.blind("name", "", name.casefold()),
            "key": wrapped,
            "city": city,
            "store": firm.units[store] if store else None,
            "owner": firm.people[owner] if owner else None,
            "hash": keys.blind("phone", "", phone),
            "value": keys.seal(key, phone),
            "last4": phone[-4:],
        }
        tx.execute(
            """
            insert into customer (bucket, id, tenant_id, origin_id, name_enc, name_hash, city, store_id, owner_user_id, first_seen_at,
                                  created_at, updated_at, key_enc)
            values (%(b)s, %(id)s, %(t)s, %(id)s, %(name)s, %(name_hash)s, %(city)s, %(store)s, %(owner)s, %(now)s, %(now)s, %(now)s, %(key)s)
            """,
            params,
        )
        tx.execute(
            """
            insert into customer_identifier (bucket, customer_id, origin_id, tenant_id, kind, scope, value_hash, value_enc, last4, source,
                                             rule, first_seen_at, last_seen_at)
            values (%(b)s, %(id)s, %(id)s, %(t)s, 'phone', '', %(hash)s, %(value)s, %(last4)s, 'test', 'first', %(now)s, %(now)s)
            """,
            params,
        )
        tx.execute(
            "insert into identifier (tenant_id, kind, scope, value_hash, customer_id, origin_id, bucket) values (%(t)s, 'phone', '', %(hash)s, %(id)s, %(id)s, %(b)s)",
            params,
        )
    return Somebody(one, phone)


def work(db: Database, tenant: UUID) -> None:
    """Do what a worker would: fills and waiting events, until nothing is left."""
    while True:
        with db.tx("worker", tenant=tenant) as tx:
            turn = Turn(tx, BUCKETS)
            done = fill(turn, system()) + sum(len(apply(turn, system(), 1000, lane).events) for lane in (0, 1, 2))
        if not done:
            return


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


def find(person: Person, **query: Any) -> list[str]:
    return ids(person.get("/v1/customers", **query))


def test_one_is_found_by_phone_last_digits_name_and_id(house: House) -> None:
    one, _ = make(house, name="欧阳春晓"), make(house, name="别人")
    admin = house.person("admin")
    local = one.phone.removeprefix("+86")
    for typed in (one.phone, local, f"{local[:3]} {local[3:7]}-{local[7:]}", str(one.id), "欧阳春晓"):
        assert find(admin, q=typed) == [str(one.id)], typed
    assert str(one.id) in find(admin, q=local[-4:])
    assert find(admin, q="没有这个人") == []
    (line,) = admin.get("/v1/customers", q=one.phone).json()["items"]
    assert line["name"] == "欧阳春晓"
    assert line["phone"] == f"{local[:3]}****{local[-4:]}"


@pytest.mark.parametrize("typed", ["' or 1=1 --", "%", "\\", "😀" * 60, "0" * 200, "null", "*", "{}"])
def test_odd_text_in_the_search_finds_nobody(house: House, typed: str) -> None:
    make(house)
    assert find(house.person("admin"), q=typed) == []


def test_pages_follow_a_key_and_repeat_nobody(house: House) -> None:
    made = {str(make(house, city="页城").id) for _ in range(7)}
    admin, seen, cursor = house.person("admin"), [], None
    while True:
        page = admin.get("/v1/customers", city="页城", limit=3, **({"cursor": cursor} if cursor else {})).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == 7
    assert set(seen) == made
    assert admin.get("/v1/customers", cursor="rubbish").status_code == 422


def test_scopes_show_their_own_people_only(house: House) -> None:
    city = "界城"
    first, second, south = (make(house, store=store, city=city) for store in ("s1", "s2", "s3"))
    own = make(house, owner="agent", store="s3", city=city)
    foreign = make(house, city=city, company=house.b)
    everyone = {str(one.id) for one in (first, second, south, own)}
    expected: Sequence[tuple[str, set[str]]] = (
        ("admin", everyone),
        ("north", {str(first.id), str(second.id)}),
        ("shop1", {str(first.id)}),
        ("shop2", {str(second.id)}),
        ("agent", {str(own.id)}),
    )
    for login, seen in expected:
        person = house.person(login)
        assert set(find(person, city=city)) == seen, login
        assert find(person, q=foreign.phone) == []
        for one in (first, second, south, own, foreign):
            answer = person.get(f"/v1/customers/{one.id}")
            assert answer.status_code == (200 if str(one.id) in seen else 404), login
            assert person.get(f"/v1/customers/{one.id}/timeline").status_code == answer.status_code
            if answer.status_code == 404:
                assert find(person, q=one.phone) == []
                assert person.patch(f"/v1/customers/{one.id}", {"city": "偷改"}).status_code == (
                    404 if login != "finance" else 403
                )
    assert house.person("finance").get("/v1/customers").status_code == 403


def test_filters_by_tag_and_segment_hold_within_a_scope(house: House) -> None:
    city = "标城"
    mine, other = make(house, store="s1", city=city), make(house, store="s2", city=city)
    admin, shop = house.person("admin"), house.person("shop1")
    for one in (mine, other):
        assert admin.post(f"/v1/customers/{one.id}/tags", {"tag": "贵宾"}).status_code == 201
    made = admin.post("/v1/segments", {"name": "标城客户", "text": f"customer.city = '{city}'"})
    assert made.status_code == 201, made.text
    work(house.db, house.a.id)
    segment = made.json()["id"]
    assert set(find(admin, tag="贵宾", city=city)) == {str(mine.id), str(other.id)}
    assert find(shop, tag="贵宾", city=city) == [str(mine.id)]
    assert set(find(admin, segment_id=segment)) == {str(mine.id), str(other.id)}
    assert find(shop, segment_id=segment) == [str(mine.id)]


def test_a_change_is_an_event_with_old_and_new_value(house: House) -> None:
    one, admin = make(house, city="上海"), house.person("admin")
    answer = admin.patch(
        f"/v1/customers/{one.id}", {"city": "杭州", "name": "李雷", "birthday": "1990-02-28", "attrs": {"size": 90}}
    )
    assert answer.status_code == 200, answer.text
    assert sorted(answer.json()["changed"]) == ["attrs.size", "birthday", "city", "division", "name"]
    shown = admin.get(f"/v1/customers/{one.id}").json()
    assert (shown["city"], shown["name"], shown["birthday"], shown["attrs"]) == (
        "杭州",
        "李雷",
        "1990-02-28",
        {"size": 90},
    )
    with house.database.connect() as owner:
        ((payload,),) = owner.execute(
            "select payload from inbox where customer_id = %s and type = 'customer.updated'", (one.id,)
        ).fetchall()
        ((before, after),) = owner.execute(
            "select before, after from audit_entry where entity_id = %s", (str(one.id),)
        ).fetchall()
    assert payload["changes"]["city"] == {"old": "上海", "new": "杭州"}
    assert "李雷" not in str(payload)
    assert after["name"] == "***" == before["name"]
    assert admin.patch(f"/v1/customers/{one.id}", {"city": "杭州"}).json() == {"changed": []}
    assert admin.patch(f"/v1/customers/{one.id}", {"store_id": str(new_id())}).status_code == 422
    assert admin.patch(f"/v1/customers/{one.id}", {"citty": "杭州"}).status_code == 422
    work(house.db, house.a.id)
    types = [entry["type"] for entry in admin.get(f"/v1/customers/{one.id}/timeline").json()["items"]]
    assert types == ["customer.updated"]


def test_tags_are_set_taken_and_told(house: House) -> None:
    one, admin = make(house), house.person("admin")
    path = f"/v1/customers/{one.id}/tags"
    assert admin.post(path, {"tag": " 奶粉  偏好 "}).json() == {"changed": ["tags"]}
    assert admin.post(path, {"tag": "奶粉 偏好"}).json() == {"changed": []}
    assert [tag["tag"] for tag in admin.get(f"/v1/customers/{one.id}").json()["tags"]] == ["奶粉 偏好"]
    assert admin.delete(f"{path}/奶粉 偏好").json() == {"changed": ["tags"]}
    assert admin.post(path, {"tag": "x" * 41}).status_code == 422
    assert admin.post(path, {"tag": "  "}).status_code == 422
    work(house.db, house.a.id)
    entries = admin.get(f"/v1/customers/{one.id}/timeline").json()["items"]
    assert [entry["type"] for entry in entries] == ["tag.removed", "tag.added"]
    assert entries[0]["summary"]["zh"].startswith("标签 奶粉 偏好")
    made = admin.post("/v1/tags", {"name": "算出来的", "text": "customer.city = '上海'"})
    assert made.status_code == 201, made.text
    assert admin.post(path, {"tag": "算出来的"}).status_code == 422


def test_many_are_tagged_at_once_within_ones_scope(house: House) -> None:
    city = "群城"
    near, far = make(house, city=city, store="s1"), make(house, city=city, store="s3")
    both = {"customer_ids": [str(near.id), str(far.id)], "tag": "周末活动"}
    admin, shop = house.person("admin"), house.person("shop1")
    assert shop.post("/v1/customers/tags", both).json() == {"asked": 1, "changed": 1}
    assert find(admin, tag="周末活动") == [str(near.id)]
    assert admin.post("/v1/customers/tags", both).json() == {"asked": 2, "changed": 1}
    assert admin.get("/v1/customers", tag="周末活动").json()["total"] == 2
    entry = admin.get("/v1/audit", action="customer.tagged_many").json()["items"][0]
    assert entry["after"] == {"tag": "周末活动", "customers": 1}
    assert admin.post("/v1/customers/tags", {**both, "remove": True}).json() == {"asked": 2, "changed": 2}
    assert find(admin, tag="周末活动") == []
    assert admin.post("/v1/customers/tags", {"customer_ids": [], "tag": "空"}).status_code == 422


def test_a_list_says_how_many_there_are(house: House) -> None:
    city = "数城"
    for store in ("s1", "s1", "s3"):
        make(house, city=city, store=store)
    for login, total in (("admin", 3), ("shop1", 2)):
        page = house.person(login).get("/v1/customers", city=city, limit=2).json()
        assert (page["total"], len(page["items"])) == (total, 2)
    first = house.person("admin").get("/v1/customers", city=city, limit=2).json()
    assert house.person("admin").get("/v1/customers", city=city, limit=2, cursor=first["next"]).json()["total"] is None


def test_a_look_at_personal_data_is_on_the_record(house: House) -> None:
    one, admin = make(house), house.person("admin")
    assert admin.post(f"/v1/customers/{one.id}/reveal", {"field": "phone"}).json() == {"value": one.phone}
    assert admin.post(f"/v1/customers/{one.id}/reveal", {"field": "email"}).status_code == 404
    assert admin.post(f"/v1/customers/{one.id}/reveal", {"field": "key_enc"}).status_code == 422
    with house.database.connect() as owner:
        rows = owner.execute("select action, after from audit_entry where entity_id = %s", (str(one.id),)).fetchall()
    assert rows == [("customer.revealed", {"field": "phone"})]


def test_an_export_runs_nothing_in_a_spreadsheet(house: House) -> None:
    make(house, name='=HYPERLINK("http://x")', city="出城")
    make(house, name="+1-2", city="出城")
    answer = house.person("admin").get("/v1/customers.csv", city="出城", language="en")
    assert answer.status_code == 200
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert {row["name"] for row in rows} == {'\'=HYPERLINK("http://x")', "'+1-2"}
    assert all("****" in row["phone"] for row in rows)
    assert house.person("shop1").get("/v1/customers.csv").status_code == 403


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "  ="])
def test_what_looks_like_a_formula_is_text(start: str) -> None:
    assert neutral(f"{start}1+1").startswith("'")


def test_segments_preview_members_and_reasons(house: House) -> None:
    city = "段城"
    inside = [make(house, city=city, store="s1"), make(house, city=city, store="s2")]
    outside = make(house, city="他城")
    admin, shop = house.person("admin"), house.person("shop1")
    text = f"customer.city = '{city}' and customer.order_count < 3"
    looked = admin.post("/v1/segments/preview", {"text": text}).json()
    assert looked["count"] == 2
    assert {sample["id"] for sample in looked["samples"]} == {str(one.id) for one in inside}
    assert all(sample["name"] == "王小明" for sample in looked["samples"])
    made = admin.post("/v1/segments", {"name": "段城新客", "text": text}).json()
    assert made["status"] == "filling"
    work(house.db, house.a.id)
    again = admin.get(f"/v1/segments/{made['id']}").json()
    assert (again["status"], again["count"], again["tree"]["kind"]) == ("ready", 2, "and")
    path = f"/v1/segments/{made['id']}"
    assert set(ids(admin.get(f"{path}/members"))) == {str(one.id) for one in inside}
    assert admin.post("/v1/segments/preview", {"tree": again["tree"]}).json()["count"] == 2
    why = admin.get(f"{path}/explain/{outside.id}").json()
    assert why["is_member"] is False
    assert [(part["text"], part["holds"]) for part in why["why"]["parts"]] == [
        (f"customer.city = '{city}'", False),
        ("customer.order_count < 3", True),
    ]
    (looked,) = why["why"]["parts"][0]["values"]
    assert (looked["text"], looked["value"], looked["plain"]["zh"]) == ("customer.city", "他城", "客户的城市")
    assert why["why"]["parts"][0]["plain"]["zh"] == f"客户的城市是“{city}”"
    assert admin.post(f"{path}/audit").json() == {"differences": []}
    assert shop.post("/v1/segments/preview", {"text": text}).status_code in {200, 403}
    assert admin.post("/v1/segments", {"name": "段城新客", "text": text}).status_code == 409
    wrong = admin.post("/v1/segments", {"name": "错的", "text": "customer.citty = 'x'"})
    assert wrong.status_code == 422
    assert "customer.city" in wrong.text
    assert admin.delete(path).status_code == 204
    assert admin.get(path).status_code == 404


def test_a_name_is_read_with_the_customer_and_by_nobody_else(house: House) -> None:
    """Whatever found her: segments may be read by people who may not read customers, or only a store's."""
    city = "名城"
    near, far = make(house, city=city, store="s1"), make(house, city=city, store="s3")
    admin = house.person("admin")
    role = admin.post("/v1/roles", {"name": "看分群", "permissions": ["segment.read"]}).json()["id"]
    sees = {"name": "看本店客户", "permissions": ["customer.read", "privacy.personal"]}
    own = admin.post("/v1/roles", sees).json()["id"]
    everywhere = {"role_id": role, "scope": "all", "org_unit_id": None}
    here = {"role_id": own, "scope": "store", "org_unit_id": str(house.a.units["s1"])}
    for login, assignments in (("looker", [everywhere]), ("neighbour", [everywhere, here])):
        made = admin.post(
            "/v1/users", {"name": login, "login": login, "password": PASSWORD, "assignments": assignments}
        )
        assert made.status_code == 201, made.text
    text = {"text": f"customer.city = '{city}'"}
    segment = admin.post("/v1/segments", {"name": "名城人", **text}).json()["id"]
    work(house.db, house.a.id)
    for login, names in (
        ("admin", {"王小明"}),
        ("looker", {None}),
        ("neighbour", {"王小明", None}),
    ):
        person = house.person(login)
        samples = person.post("/v1/segments/preview", text).json()["samples"]
        members = person.get(f"/v1/segments/{segment}/members").json()["items"]
        for shown in (samples, members):
            assert {one["id"] for one in shown} == {str(near.id), str(far.id)}
            assert {one["name"] for one in shown} == names
        assert all(bool(one["phone"]) == bool(one["name"]) for one in members)


def test_a_computed_tag_appears_and_goes(house: House) -> None:
    one, admin = make(house, city="签城"), house.person("admin")
    assert admin.post("/v1/tags", {"name": "签城人", "text": "customer.city = '签城'"}).status_code == 201
    work(house.db, house.a.id)
    assert [tag["tag"] for tag in admin.get(f"/v1/customers/{one.id}").json()["tags"]] == ["签城人"]
    admin.patch(f"/v1/customers/{one.id}", {"city": "别处"})
    work(house.db, house.a.id)
    assert admin.get(f"/v1/customers/{one.id}").json()["tags"] == []
    line = next(item for item in admin.get("/v1/tags").json()["items"] if item["name"] == "签城人")
    assert line["plain"]["zh"] == "客户的城市是“签城”"
    assert (line["kind"], line["count"], line["status"]) == ("computed", 0, "ready")
    assert admin.delete("/v1/tags/签城人").status_code == 204
    assert datetime.now(UTC) - datetime.fromisoformat(line["created_at"]) < timedelta(days=4000)


def test_a_history_can_be_narrowed_to_one_kind(house: House) -> None:
    one, admin = make(house), house.person("admin")
    assert admin.post(f"/v1/customers/{one.id}/tags", {"tag": "常客"}).status_code == 201
    assert admin.patch(f"/v1/customers/{one.id}", {"city": "苏州"}).status_code == 200
    work(house.db, house.a.id)

    def types(**narrowed: str) -> list[str]:
        found = admin.get(f"/v1/customers/{one.id}/timeline", **narrowed).json()["items"]
        return sorted(entry["type"] for entry in found)

    assert types() == ["customer.updated", "tag.added"]
    assert types(kind="label") == ["tag.added"]
    assert types(kind="customer") == ["customer.updated"]
    assert types(kind="order") == []
    assert admin.get(f"/v1/customers/{one.id}/timeline", kind="weather").status_code == 422


def test_every_event_type_belongs_to_a_kind_of_history() -> None:
    families = {family for kind in KINDS.values() for family in kind}
    unplaced = {name for name in system().catalog.event_types if name.split(".")[0] not in families}
    # What the outside pushes of the demo's campaigns and what systems tell of themselves has no chip of its own.
    # Stock is about no customer.
    assert {name.split(".")[0] for name in unplaced} <= {"flow", "task", "stock"}
    assert set(KINDS) == set(get_args(TimelineKind))
