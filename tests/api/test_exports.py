"""Exports through the application: masked by default, in the clear only by two people, narrow scopes stay narrow, files expire."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any
from uuid import UUID

import openpyxl
import pytest

from harness.door import KINDS
from harness.house import House
from tandem.access.service import assign_role, create_user
from tandem.assembly import system
from tandem.domains.exports import lists, work
from tandem.domains.exports.writers import CsvWriter, XlsxWriter
from tandem.kernel.db import Scope, begin
from tandem.kernel.jobs import run_next
from tandem.kernel.turn import Turn, in_buckets
from tandem.stream.apply import apply
from tandem.stream.door.service import accept
from tandem.stream.door.wire import Item, Parsed
from tandem.stream.projection import BACKFILL
from tandem.stream.rows import to_json

PHONES = tuple(f"1371299{number:04d}" for number in range(1, 4))


@pytest.fixture(scope="module", autouse=True)
def customers(house: House) -> None:
    with house.db.tx("door", tenant=house.a.id) as tx:
        items = [
            Item(
                number,
                "till",
                f"E{number}",
                "customer",
                tx.now,
                BACKFILL,
                to_json(
                    {
                        "identifiers": [{"kind": "phone", "value": phone}],
                        "name": f"=甲{number}" if number == 0 else f"王小{number}",
                        "city": "上海",
                        "store": ("s1", "s1", "s3")[number],
                    }
                ).encode(),
            )
            for number, phone in enumerate(PHONES)
        ]
        accept(tx, KINDS, Parsed(items, [], {}))
    for lane in (0, 1, 2, 0, 1, 2):
        with house.db.tx("worker", tenant=house.a.id) as tx:
            apply(Turn(tx, in_buckets(tx.conn, range(256))), system(), 1000, lane)


@pytest.fixture(scope="module")
def second(house: House) -> Any:
    """Another administrator, who may approve."""
    with house.db.connection("owner") as connection:
        tx = begin(connection, tenant=house.a.id)
        user = create_user(tx, login="second", name="Second", password="correct horse battery")
        assign_role(tx, user, "admin", scope="all", org_unit_id=None)
    return house.person("second")


def make(house: House, person: Any, **asked: Any) -> Any:
    answer = person.post("/v1/exports", {"list": "customers", **asked})
    assert answer.status_code == 201, answer.text
    run(house)
    return next(one for one in person.get("/v1/exports").json()["items"] if one["id"] == answer.json()["id"])


def run(house: House) -> None:
    while run_next(house.db, {work.JOB_KIND: work.handler}):
        pass


def rows_of(person: Any, made: Any) -> list[list[str]]:
    answer = person.get(f"/v1/exports/{made['id']}/file")
    assert answer.status_code == 200, answer.text
    assert len(answer.content) == made["bytes"]
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_a_list_is_masked_by_default(house: House) -> None:
    person = house.person("marketing")
    made = make(house, person)
    assert (made["status"], made["rows"], made["plain"]) == ("done", 3, False)
    rows = rows_of(person, made)
    assert sorted(row[1] for row in rows[1:]) == [f"137****{phone[-4:]}" for phone in PHONES]
    assert all("小" not in row[0] for row in rows[1:])
    with house.database.connect() as owner:
        part = owner.execute("select bytes_enc from export_part where export_id = %s", (made["id"],)).fetchone()
        actions = owner.execute(
            "select action from audit_entry where entity_id = %s order by id", (made["id"],)
        ).fetchall()
    assert part is not None
    assert "上海".encode() not in bytes(part[0])
    assert [one[0] for one in actions] == ["export.requested", "export.downloaded"]


def test_the_clear_text_needs_a_right_a_reason_and_a_second_person(house: House, second: Any) -> None:
    admin, marketing = house.person("admin"), house.person("marketing")
    assert marketing.post("/v1/exports", {"list": "customers", "plain": True, "reason": "邮寄礼品"}).status_code == 403
    assert admin.post("/v1/exports", {"list": "customers", "plain": True}).status_code == 422
    made = make(house, admin, plain=True, reason="给快递公司寄送礼品")
    assert made["status"] == "waiting"
    path = f"/v1/exports/{made['id']}"
    assert admin.get(f"{path}/file").status_code == 409
    assert admin.post(f"{path}/approve").status_code == 403
    assert marketing.post(f"{path}/approve").status_code == 403
    assert second.post(f"{path}/approve").status_code == 200
    assert second.post(f"{path}/approve").status_code == 409
    run(house)
    made = next(one for one in admin.get("/v1/exports").json()["items"] if one["id"] == made["id"])
    assert (made["status"], made["decided_by"]) == ("done", "Second")
    assert second.get(f"{path}/file").status_code == 404
    rows = rows_of(admin, made)
    assert sorted(row[1] for row in rows[1:]) == [f"+86{phone}" for phone in PHONES]
    assert min(row[0] for row in rows[1:]) == "'=甲0"
    assert {row[-1].split(" ")[0] for row in rows[1:]} == {"Admin"}
    assert made["id"].replace("-", "")[-8:] in rows[1][-1]


def test_a_refused_export_is_never_made(house: House, second: Any) -> None:
    made = make(house, house.person("admin"), plain=True, reason="不该给的理由")
    assert second.post(f"/v1/exports/{made['id']}/refuse").json()["status"] == "refused"
    run(house)
    assert house.person("admin").get(f"/v1/exports/{made['id']}/file").status_code == 409


@pytest.fixture(scope="module")
def shop(house: House) -> Any:
    """Somebody of store s1 who may take its customers out."""
    role = house.person("admin").post("/v1/roles", {"name": "taker", "permissions": ["customer.export"]}).json()
    with house.db.connection("owner") as connection:
        tx = begin(connection, tenant=house.a.id)
        assign_role(tx, house.a.people["shop1"], role["code"], scope="store", org_unit_id=house.a.units["s1"])
    return house.fresh("shop1")


def test_a_narrow_scope_exports_what_it_sees(house: House, shop: Any) -> None:
    rows = rows_of(shop, make(house, shop))
    assert sorted(row[1] for row in rows[1:]) == [f"137****{phone[-4:]}" for phone in PHONES[:2]]
    assert house.person("finance").post("/v1/exports", {"list": "customers"}).status_code == 403
    assert house.person("shop1").post("/v1/exports", {"list": "audit"}).status_code == 403


def test_customers_leave_by_one_right_whichever_way(house: House) -> None:
    """Seeing customers is not taking them out: neither as a job, nor as a file at once, nor beside another list."""
    body = {"name": "looker", "permissions": ["order.read", "customer.read", "privacy.personal"]}
    role = house.person("admin").post("/v1/roles", body).json()
    with house.db.connection("owner") as connection:
        assign_role(begin(connection, tenant=house.a.id), house.a.people["agent"], role["code"])
    agent = house.fresh("agent")
    assert agent.get("/v1/customers").status_code == 200
    assert agent.get("/v1/customers.csv").status_code == 403
    assert agent.post("/v1/exports", {"list": "customers"}).status_code == 403
    assert "customers" not in {one["name"] for one in agent.get("/v1/exports/lists").json()["lists"]}
    sell(house)
    (order,) = rows_of(agent, make(house, agent, list="orders"))[1:]
    assert order[:3] == ["", "", "X-1"]
    marketing = house.person("marketing")
    (order,) = rows_of(marketing, make(house, marketing, list="orders"))[1:]
    assert order[:3] == ["王**", f"137****{PHONES[1][-4:]}", "X-1"]


def test_the_right_to_take_out_reaches_no_further_than_the_right_to_see(house: House) -> None:
    role = house.person("admin").post("/v1/roles", {"name": "wide", "permissions": ["customer.export"]}).json()
    with house.db.connection("owner") as connection:
        assign_role(begin(connection, tenant=house.a.id), house.a.people["north"], role["code"])
    someone = house.fresh("north")
    assert sorted(row[1][-4:] for row in rows_of(someone, make(house, someone))[1:]) == [one[-4:] for one in PHONES[:2]]
    assert someone.get("/v1/customers.csv").text.count("137****") == 2


def test_a_file_is_not_given_once_the_right_is_gone(house: House) -> None:
    role = house.person("admin").post("/v1/roles", {"name": "brief", "permissions": ["customer.export"]}).json()
    with house.db.connection("owner") as connection:
        assign_role(begin(connection, tenant=house.a.id), house.a.people["shop2"], role["code"])
    someone = house.fresh("shop2")
    made = make(house, someone, list="orders")
    path = f"/v1/exports/{made['id']}/file"
    assert someone.get(path).status_code == 200
    with house.database.connect() as owner:
        owner.execute(
            "delete from role_assignment a using staff_role r where r.id = a.role_id and r.code = %s", (role["code"],)
        )
        owner.commit()
    assert someone.get(path).json()["error"]["code"] == "scope_narrowed"


def sell(house: House) -> None:
    order = {
        "order_id": "X-1",
        "identifiers": [{"kind": "phone", "value": PHONES[1]}],
        "status": "paid",
        "placed_at": "2026-03-01T10:00:00+08:00",
        "paid_at": "2026-03-01T10:00:00+08:00",
        "total": "10.00",
        "store": "s1",
        "lines": [],
    }
    with house.db.tx("door", tenant=house.a.id) as tx:
        told = accept(
            tx,
            system().door_kinds,
            Parsed([Item(0, "till", "X-1", "order", tx.now, BACKFILL, to_json(order).encode())], [], {}),
        )
    assert told.accepted == 1, told
    for lane in (0, 1, 2, 0, 1, 2):
        with house.db.tx("worker", tenant=house.a.id) as tx:
            apply(Turn(tx, in_buckets(tx.conn, range(256))), system(), 1000, lane)


def test_a_failed_export_leaves_no_part_of_its_file(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PAGE_ROWS", 2)
    monkeypatch.setattr(work, "PART_BYTES", 64)
    monkeypatch.setattr(work, "SHEET_ROWS_MAX", 3)
    made = make(house, house.person("admin"), format="xlsx")
    assert made["status"] == "failed"
    assert parts(house, made) == 0
    with house.database.connect() as owner:  # as if its worker had been killed in the middle
        owner.execute(
            "insert into export_part select tenant_id, id, 0, 'x' from export_file where id = %s", (made["id"],)
        )
        owner.commit()
    work.drop_expired(house.db)
    assert parts(house, made) == 0


def parts(house: House, made: Any) -> int:
    with house.database.connect() as owner:
        return owner.execute("select count(*) from export_part where export_id = %s", (made["id"],)).fetchone()[0]  # type: ignore[index]


def test_others_exports_are_not_seen(house: House) -> None:
    made = make(house, house.person("marketing"))
    agent = house.person("agent")
    assert all(one["mine"] for one in agent.get("/v1/exports").json()["items"])
    assert agent.get(f"/v1/exports/{made['id']}/file").status_code == 404
    assert agent.post(f"/v1/exports/{made['id']}/cancel").status_code == 404


@pytest.mark.parametrize("name", [one.name for one in lists.LISTS])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_every_list_can_be_exported(house: House, name: str, kind: str) -> None:
    admin = house.person("admin")
    made = make(house, admin, list=name, format=kind)
    assert made["status"] == "done", made["error"]
    content = admin.get(f"/v1/exports/{made['id']}/file").content
    if kind == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        assert sheet is not None
        assert sheet.max_row == made["rows"] + 1


@pytest.mark.parametrize(
    "asked",
    [
        {"list": "nothing"},
        {"list": "orders", "filters": {"tag": "x"}},
        {"list": "orders", "filters": {"from": "yesterday"}},
        {"list": "customers", "filters": {"segment_id": "1"}},
        {"list": "orders", "filters": {"status": "x'; drop"}},
        {"list": "customers", "filters": {"spend_min": "much"}},
        {"list": "customers", "filters": {"q": "13800000000"}},
        {"list": "audit", "filters": {"actor": "me"}},
    ],
)
def test_wrong_wishes_are_refused(house: House, asked: Any) -> None:
    assert house.person("admin").post("/v1/exports", asked).status_code == 422


def test_filters_narrow(house: House) -> None:
    admin = house.person("admin")
    assert make(house, admin, filters={"city": "杭州"})["rows"] == 0
    assert make(house, admin, filters={"city": "上海"})["rows"] == 3
    assert (
        make(house, admin, list="orders", filters={"from": "2026-01-01", "to": "2026-02-01", "status": "paid"})["rows"]
        == 0
    )


def test_lists_are_narrowed_as_on_their_screens(house: House) -> None:
    admin = house.person("admin")
    nobody = str(UUID(int=7))
    assert make(house, admin, filters={"spend_min": "0"})["rows"] == 3
    assert make(house, admin, filters={"spend_min": "99999999.5"})["rows"] == 0
    assert make(house, admin, list="orders", filters={"q": "no-such"})["rows"] == 0
    assert make(house, admin, list="coupons", filters={"template_id": nobody})["rows"] == 0
    asked = {"entity": "export", "action": "export.requested"}
    found = make(house, admin, list="audit", filters=asked)
    shown = admin.get("/v1/audit", **asked).json()["items"]
    assert found["rows"] == len(shown) >= 5
    assert {row[2] for row in rows_of(admin, found)[1:]} == {"export.requested"}
    assert make(house, admin, list="audit", filters={"actor": nobody})["rows"] == 0


def test_an_audit_export_of_a_narrow_scope_holds_ones_own_deeds(house: House) -> None:
    admin = house.person("admin")
    make(house, admin)
    whole = make(house, admin, list="audit")["rows"]
    assert whole > 1
    scope = Scope("store", ())
    with house.db.tx("web", tenant=house.a.id, user=UUID(int=7), scope=scope) as tx:
        assert lists.BY_NAME["audit"].read(tx, lists.Wanted({})).rows == []


def test_pages_follow_one_another(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PAGE_ROWS", 2)
    monkeypatch.setattr(work, "PART_BYTES", 64)
    admin = house.person("admin")
    made = make(house, admin)
    assert made["rows"] == 3
    assert len(rows_of(admin, made)) == 4


def test_an_expired_file_is_gone(house: House) -> None:
    admin = house.person("admin")
    made = make(house, admin)
    with house.database.connect() as owner:
        owner.execute("update export_file set expires_at = now() - interval '1 minute' where id = %s", (made["id"],))
        owner.commit()
    assert admin.get(f"/v1/exports/{made['id']}/file").status_code == 409
    work.drop_expired(house.db)
    with house.database.connect() as owner:
        assert owner.execute("select count(*) from export_part where export_id = %s", (made["id"],)).fetchone() == (0,)


def test_a_cancelled_export_stops_and_leaves_nothing(house: House) -> None:
    admin = house.person("admin")
    asked = admin.post("/v1/exports", {"list": "customers"}).json()
    assert admin.post(f"/v1/exports/{asked['id']}/cancel").json()["status"] == "cancelled"
    run(house)
    assert admin.post(f"/v1/exports/{asked['id']}/cancel").status_code == 409
    with house.database.connect() as owner:
        assert owner.execute("select state from job where payload->>'export_id' = %s", (asked["id"],)).fetchone() == (
            "cancelled",
        )
        assert owner.execute("select count(*) from export_part where export_id = %s", (asked["id"],)).fetchone() == (0,)


def test_writers_keep_formulas_and_unfit_characters_out() -> None:
    dangerous = ["=1+1", "+cmd", "-2+3", "@x", "\tx", "ordinary", "-5", "a\x00b\x0b<&>"]
    sink = bytearray()
    CsvWriter(sink.extend).row(dangerous)
    read = next(csv.reader(io.StringIO(sink.decode("utf-8-sig"))))
    assert read[:6] == ["'=1+1", "'+cmd", "'-2+3", "'@x", "'\tx", "ordinary"]
    assert read[6] == "-5"
    sink = bytearray()
    sheet = XlsxWriter(sink.extend)
    sheet.row(dangerous)
    sheet.close()
    assert zipfile.ZipFile(io.BytesIO(bytes(sink))).testzip() is None
    cells = list(next(iter(openpyxl.load_workbook(io.BytesIO(bytes(sink))).active.rows)))  # type: ignore[union-attr]
    assert cells[7].value == "ab<&>"
    with zipfile.ZipFile(io.BytesIO(bytes(sink))) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_a_narrow_scope_exports_its_own_trail_only(house: House) -> None:
    house.person("marketing").post("/v1/exports", {"list": "customers"})
    role = house.person("admin").post("/v1/roles", {"name": "trail", "permissions": ["audit.read"]}).json()
    with house.db.connection("owner") as connection:
        tx = begin(connection, tenant=house.a.id)
        assign_role(tx, house.a.people["agent"], role["code"], scope="store", org_unit_id=house.a.units["s1"])
    agent = house.fresh("agent")
    seen = {one["user_name"] for one in agent.get("/v1/audit").json()["items"]}
    rows = rows_of(agent, make(house, agent, list="audit"))
    assert {row[1] for row in rows[1:]} == seen
    assert len(seen) == 1


def test_what_is_closed_on_the_screen_is_closed_in_a_file(house: House) -> None:
    admin = house.person("admin")
    permissions = ["customer.read", "customer.export", "export.plain"]
    role = admin.post("/v1/roles", {"name": "numbers", "permissions": permissions}).json()
    with house.db.connection("owner") as connection:
        assign_role(begin(connection, tenant=house.a.id), house.a.people["operator"], role["code"])
    someone = house.fresh("operator")
    rows = rows_of(someone, make(house, someone))
    assert len(rows) == 4
    assert all(row[:3] == ["", "", ""] for row in rows[1:]), rows
    asked = {"list": "customers", "plain": True, "reason": "for the post office"}
    assert someone.post("/v1/exports", asked).status_code == 403


def test_a_file_made_with_a_wider_view_is_not_given_any_more(house: House) -> None:
    admin = house.person("admin")
    made = make(house, admin)
    path = f"/v1/exports/{made['id']}/file"
    assert admin.get(path).status_code == 200
    with house.database.connect() as owner:
        agent = house.a.people["shop1"]
        owner.execute("update export_file set created_by = %s where id = %s", (agent, made["id"]))
        owner.commit()
    refused = house.person("shop1").get(path)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "scope_narrowed")
