"""File import through the application: preview, start, progress, cancel, refused rows."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
import pytest

from harness.door import KINDS
from harness.house import House
from harness.telling import own_words
from tandem.access.service import assign_role
from tandem.assembly import system
from tandem.kernel.db import begin
from tandem.kernel.jobs import Handler, run_next
from tandem.kernel.turn import Turn, in_buckets
from tandem.stream.apply import apply
from tandem.stream.imports import cutting, undo
from tandem.stream.imports import upload as uploading
from tandem.stream.imports.run import handler
from tandem.stream.imports.service import JOB_KIND, UNDO_JOB
from tandem.stream.imports.upload import READ_JOB, read_handler
from tandem.stream.keys import tenant_keys

CUSTOMERS = "会员号,姓名,手机号,性别,生日,城市,标签\nM1,李丽,13712340001,女,1990-01-02,上海,新客\nM2,王强,13712340002,男,1985/3/4,北京,\nM3,坏生日,13712340003,男,昨天,北京,\nM4,=cmd|' /C calc'!A0,电话,男,,,\n"
ORDERS = "订单号,下单时间,付款时间,手机号,商品编码,数量,行金额\nA1,{day} 10:00,{day} 10:05,13712340001,p1,1,10\nA1,{day} 10:00,{day} 10:05,13712340001,p2,2,5.5\nA2,{day} 11:00,,13712340009,p1,1,-4\nA3,1990-01-01 11:00,,13712340009,p1,1,4\n"


@pytest.fixture
def admin(house: House) -> Any:
    return house.person("admin")


def upload(person: Any, content: bytes, kind: str = "customer", name: str = "客户.csv") -> Any:
    return person.client.post(
        "/v1/imports",
        files={"file": (name, io.BytesIO(content), "text/csv")},
        data={"kind": kind},
        headers={"X-CSRF-Token": person.csrf},
    )


HANDLERS: dict[str, Handler] = {
    READ_JOB: read_handler,
    JOB_KIND: handler(lambda: KINDS),
    UNDO_JOB: undo.handler(system),  # type: ignore[arg-type]
}


def run_all(house: House) -> None:
    while run_next(house.db, HANDLERS):
        pass


def preview(person: Any, path: str, **chosen: Any) -> Any:
    answer = person.post(f"{path}/preview", chosen)
    assert answer.status_code == 200, answer.text
    return answer.json()


def settle(house: House) -> None:
    """Let the worker's turns apply what waits."""
    done = 1
    while done:
        done = 0
        for lane in (0, 1, 2):
            with house.db.tx("worker", tenant=house.a.id) as tx:
                applied = apply(Turn(tx, in_buckets(tx.conn, range(256))), system(), 1000, lane)
                assert not applied.failures, applied.failures
                done += len(applied.events)


@pytest.mark.parametrize("encoding", ["gbk", "utf-8-sig"])
def test_a_file_is_previewed_started_and_its_bad_rows_come_back(house: House, admin: Any, encoding: str) -> None:
    made = upload(admin, CUSTOMERS.encode(encoding))
    assert made.status_code == 201, made.text
    file = made.json()
    assert file["state"] == "uploaded"
    assert file["mapping"] == {"member_no": 0, "name": 1, "phone": 2, "gender": 3, "birthday": 4, "city": 5, "tags": 6}
    path = f"/v1/imports/{file['id']}"
    strict = {"cleaning": [*file["cleaning"], "strict"]}
    seen = preview(admin, path, **strict)
    assert seen["sample"][0]["cells"][1] == "李丽"
    assert [(one["row"], one["taken"]) for one in seen["problems"]] == [(4, False), (5, False)]
    assert seen["forecast"]["whole"]
    assert admin.post(f"{path}/start", strict).json()["state"] == "queued"
    assert admin.post(f"{path}/start", {}).status_code == 409
    run_all(house)
    done = admin.get(path).json()
    assert (done["state"], done["rows_done"], done["refused"]) == ("done", 4, 2)
    assert done["accepted"] + done["duplicates"] == 2
    answer = admin.get(f"{path}/refused.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert "'=cmd" in lines[2]
    assert "手机号：" in lines[2]
    assert "生日：“昨天”不是日期" in lines[1]
    assert lines[0].split(",")[:3] == ["会员号", "姓名", "手机号"]
    with house.database.connect() as owner:
        assert owner.execute("select count(*) from inbox where mode <> 1").fetchone() == (0,)
        assert owner.execute("select count(*) from import_piece where import_id = %s", (file["id"],)).fetchone() == (0,)


def test_one_bad_cell_does_not_refuse_a_person_and_what_is_left_out_is_said(house: House, admin: Any) -> None:
    rows = (
        "会员号,手机号,生日,城市",
        "L1,13712345678,1990-01-02,上海",  # a placeholder, which names nobody
        "L2,13712342002,2190-13-45,上海",
        "L3,13712342003,1860-01-01,上海",
        ",12345,,上海",  # nothing is left that names anybody
        "L5,13712342005,1990-01-02,上海",
    )
    file = upload(admin, "\n".join(rows).encode()).json()
    path = f"/v1/imports/{file['id']}"
    seen = preview(admin, path)
    told = [(one["row"], one["taken"], one["what"]["zh"]) for one in seen["problems"]]
    assert [one[:2] for one in told] == [(5, False), (2, True), (3, True), (4, True)]
    assert told[1][2] == "手机号：是占位号码，不能代表一个人，已略去"
    assert told[2][2].startswith("生日：“2190-13-45”不是日期")
    assert told[3][2] == "生日：“1860-01-01”不在 1900 年到今天之间，已略去"
    assert (seen["forecast"]["refused"], seen["forecast"]["left_out"], seen["forecast"]["people_made"]) == (1, 3, 4)
    assert (seen["sample"][0]["problem"], seen["sample"][0]["note"]["zh"]) == (None, told[1][2])
    admin.post(f"{path}/start", {})
    run_all(house)
    done = admin.get(path).json()
    assert (done["accepted"], done["refused"], done["left_out"]) == (4, 1, 3)
    noted = admin.get(f"{path}/refused", taken=True).json()["items"]
    assert [(one["row"], one["what"]["zh"]) for one in noted] == [(row, zh) for row, _, zh in told[1:]]
    assert [one["row"] for one in admin.get(f"{path}/refused").json()["items"]] == [5]
    assert admin.get(f"{path}/refused.csv").text.count("\n") == 2
    left_out = admin.get(f"{path}/refused.csv", taken=True).content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[4] for line in left_out] == ["行号 row", "2", "3", "4"]
    assert "是占位号码" in left_out[1]


def test_what_a_file_says_of_people_is_closed_to_whom_people_are(house: House, admin: Any) -> None:
    body = "会员号,手机号,生日,城市,备注\nV1,13712342101,13712342109,上海,身份证 310104\n,12345,,北京,\n"
    file = upload(admin, body.encode()).json()
    path = f"/v1/imports/{file['id']}"
    operator = house.person("operator")
    seen = preview(operator, path)
    assert seen["masked"]
    assert seen["sample"][0]["cells"] == ["•••", "•••", "•••", "上海", "•••"]
    assert seen["sample"][1]["cells"] == ["", "•••", "", "北京", ""]
    admin.post(f"{path}/start", {})
    run_all(house)
    assert operator.get(f"{path}/refused.csv").status_code == 403
    texts = [str(seen), operator.get(f"{path}/refused").text, operator.get(f"{path}/refused", taken=True).text]
    told = own_words(" ".join(texts))
    assert [secret for secret in ("2101", "2109", "12345", "310104", "V1") if secret in told] == []
    assert "生日：•••不是日期" in texts[2]
    assert admin.get(f"{path}/refused.csv").status_code == 200
    assert not preview(admin, f"/v1/imports/{upload(admin, body.encode()).json()['id']}")["masked"]


def test_whose_reach_is_narrow_sees_and_undoes_their_own_files_only(house: House, admin: Any) -> None:
    role = admin.post("/v1/roles", {"name": "importer", "permissions": ["import.write"]}).json()
    with house.db.connection("owner") as connection:
        tx = begin(connection, tenant=house.a.id)
        assign_role(tx, house.a.people["shop1"], role["code"], scope="store", org_unit_id=house.a.units["s1"])
    shop = house.fresh("shop1")
    theirs = started(house, admin, b"phone\n13712342201\n12\n")
    path = f"/v1/imports/{theirs['id']}"
    assert [shop.get(f"{path}{tail}").status_code for tail in ("", "/refused", "/refused.csv")] == [404, 404, 404]
    assert [shop.post(f"{path}/{verb}", {}).status_code for verb in ("preview", "start", "cancel", "undo")] == [404] * 4
    assert shop.get("/v1/imports").json()["items"] == []
    assert admin.get(path).json()["state"] == "done"
    own = started(house, shop, b"phone\n13712342202\n")
    assert [one["id"] for one in shop.get("/v1/imports").json()["items"]] == [own["id"]]
    settle(house)
    # A file that names no shop is about the only one its sender reaches.
    assert stores(house, "13712342202") == ["s1"]
    assert shop.post(f"/v1/imports/{own['id']}/undo").status_code == 200
    run_all(house)


def test_nobody_brings_people_into_shops_they_do_not_reach(house: House, admin: Any) -> None:
    role = admin.post("/v1/roles", {"name": "bringer", "permissions": ["import.write", "event.write"]}).json()
    with house.db.connection("owner") as connection:
        tx = begin(connection, tenant=house.a.id)
        assign_role(tx, house.a.people["north"], role["code"], scope="region", org_unit_id=house.a.units["north"])
    started(house, admin, b"phone,store\n13712343301,s3\n")
    settle(house)
    north = house.fresh("north")
    rows = b"phone,store\n13712343302,s1\n13712343303,s3\n13712343304,\n13712343301,s1\n13712343305,s2\n"
    file = upload(north, rows).json()
    foretold = preview(north, f"/v1/imports/{file['id']}")["forecast"]
    assert (foretold["people_made"], foretold["refused"]) == (2, 3)
    north.post(f"/v1/imports/{file['id']}/start", {})
    run_all(house)
    settle(house)
    refused = north.get(f"/v1/imports/{file['id']}/refused").json()["items"]
    assert [(one["row"], one["what"]["zh"]) for one in refused] == [
        (3, "门店编码：“s3”不在你的权限范围内"),
        (4, "门店编码：请写明门店：你的权限只到部分门店，而这条记录没有门店"),
        (5, "这位客户属于你权限以外的门店"),
    ]
    assert [stores(house, f"1371234330{n}") for n in range(1, 6)] == [["s3"], ["s1"], [], [], ["s2"]]
    # A program that signs with such a person's rights reaches no further.
    told = {
        "source": "pos",
        "kind": "customer",
        "time": "2026-01-01T00:00:00+08:00",
        "payload": {"identifiers": [{"kind": "phone", "value": "13712343306"}], "store": "s3"},
    }
    assert north.post("/v1/events", {"events": [{**told, "external_id": "r1"}]}).status_code == 422
    answer = admin.post("/v1/events", {"events": [{**told, "external_id": "r1"}]})
    assert answer.status_code in {200, 422}, answer.text
    assert north.post("/v1/events", {"events": [{**told, "external_id": "r2", "kind": "store"}]}).status_code == 422
    _walk_ins_stay_with_their_shop(admin, north)
    # What nobody could understand belongs to no shop: only who reaches everything sees it.
    assert [north.get(f"/v1/quarantine{tail}").status_code for tail in ("", "/groups")] == [403, 403]
    assert [north.post(f"/v1/quarantine/{tail}", {}).status_code for tail in ("replay", "replays")] == [403, 403]


def _walk_ins_stay_with_their_shop(admin: Any, north: Any) -> None:
    """A sale to nobody known is its shop's: another shop's people neither change it nor say who bought it."""
    lines = [{"line_no": 1, "product_id": "p1", "quantity": "1", "amount": "9"}]
    sale = {"status": "placed", "placed_at": "2026-01-01T00:00:00+08:00", "total": "9", "lines": lines}

    def say(who: Any, number: str, order: str, **more: Any) -> Any:
        payload = {**sale, "order_id": order, **more}
        record = {"source": "pos", "kind": "order", "time": "2026-01-01T00:00:00+08:00", "external_id": number}
        return who.post("/v1/events", {"events": [{**record, "payload": payload}]})

    first = say(admin, "w1", "PASSER-3", store="s3")
    assert first.status_code == 200, first.text
    somebody = [{"kind": "phone", "value": "13712343307"}]
    for number, more in enumerate(({"store": "s1"}, {}, {"store": "s1", "identifiers": somebody})):
        refused = say(north, f"w2-{number}", "PASSER-3", **more)
        assert refused.status_code == 422, refused.text
        assert refused.json()["error"]["details"][0]["what"]["zh"].endswith("这个单号属于你权限以外的门店"), (
            refused.text
        )
    assert say(north, "w3", "PASSER-1", store="s1").status_code == 200
    assert say(north, "w4", "PASSER-1").status_code == 200
    # A record that comes late does not move it to where it stood before.
    assert say(admin, "w5", "PASSER-5", store="s1", modified_at="2026-01-03T00:00:00+08:00").status_code == 200
    assert say(admin, "w6", "PASSER-5", store="s3", modified_at="2026-01-02T00:00:00+08:00").status_code == 200
    assert say(north, "w7", "PASSER-5", store="s1", modified_at="2026-01-04T00:00:00+08:00").status_code == 200


def test_an_orders_file(house: House, admin: Any) -> None:
    with house.database.connect() as owner:
        day = owner.execute("select (now() - interval '3 days')::date::text").fetchone()[0]  # type: ignore[index]
    file = upload(admin, ORDERS.format(day=day).encode(), kind="order").json()
    path = f"/v1/imports/{file['id']}"
    admin.post(f"{path}/start", {})
    run_all(house)
    done = admin.get(path).json()
    assert (done["accepted"], done["refused"], done["rows_done"]) == (1, 2, 4)
    with house.database.connect() as owner:
        paid = owner.execute(
            "select payload->>'total', jsonb_array_length(payload->'lines') from inbox where type = 'order.paid' and payload->>'order_id' = 'A1'"
        ).fetchone()
    assert paid == ("15.5", 2)


def test_an_order_taken_apart_is_refused(admin: Any) -> None:
    answer = upload(admin, b"order_id,placed_at\nA,2026-01-01\nB,2026-01-01\nA,2026-01-01\n", kind="order")
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["where"] == "rows[4]"


def test_columns_can_be_chosen(house: House, admin: Any) -> None:
    file = upload(admin, "甲,乙\n13712349001,某人\n".encode()).json()
    assert preview(admin, f"/v1/imports/{file['id']}")["unusable"]
    path = f"/v1/imports/{file['id']}"
    assert file["mapping"] == {}
    assert admin.post(f"{path}/start", {}).status_code == 422
    assert preview(admin, path, mapping={"phone": 0})["problems"] == []
    assert admin.post(f"{path}/start", {"mapping": {"phone": 0, "name": 7}}).status_code == 422
    assert admin.post(f"{path}/start", {"mapping": {"phone": 0, "name": 1}}).status_code == 200
    run_all(house)
    assert admin.get(path).json()["accepted"] == 1


def test_a_running_import_can_be_cancelled(house: House, admin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "PIECE_ROWS", 2)
    body = "phone\n" + "".join(f"1371235{number:04d}\n" for number in range(10))
    file = upload(admin, body.encode()).json()
    path = f"/v1/imports/{file['id']}"
    assert admin.post(f"{path}/cancel").status_code == 409
    admin.post(f"{path}/start", {})
    assert admin.post(f"{path}/cancel").status_code == 200
    run_all(house)
    stopped = admin.get(path).json()
    assert (stopped["state"], stopped["accepted"]) == ("cancelled", 0)


def test_the_same_file_again_is_no_news(house: House, admin: Any) -> None:
    body = b"phone,name\n13712360001,a\n13712360002,b\n"
    for expected in ((2, 0), (0, 2)):
        file = upload(admin, body).json()
        admin.post(f"/v1/imports/{file['id']}/start", {})
        run_all(house)
        done = admin.get(f"/v1/imports/{file['id']}").json()
        assert (done["accepted"], done["duplicates"]) == expected


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"only,a,header\n", b"\n\n", b"a\nb\x00c\n"])
def test_what_is_no_file_of_rows_is_refused(house: House, admin: Any, content: bytes) -> None:
    answer = upload(admin, content)
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["message"]["zh"]


def test_only_importers_import(house: House) -> None:
    assert upload(house.person("finance"), b"phone\n13712360001\n").status_code == 403


def started(house: House, person: Any, content: bytes, kind: str = "customer", **chosen: Any) -> Any:
    """Upload, start and finish an import; what the list then says of it."""
    made = upload(person, content, kind)
    assert made.status_code == 201, made.text
    path = f"/v1/imports/{made.json()['id']}"
    assert person.post(f"{path}/start", chosen).status_code == 200
    run_all(house)
    done = person.get(path).json()
    assert done["state"] == "done", done["error"]
    return done


def test_the_preview_says_what_the_import_then_does(house: House, admin: Any) -> None:
    started(house, admin, "会员号,姓名\nP1,甲\nP2,乙\n".encode())
    body = "会员号,姓名,手机号\nP1,甲,13712370001\nP3,丙,13712370003\nP4,丁,12\n,庚,12\nP5,戊,\nP5,戊,\n,己,\n".encode()
    made = upload(admin, body).json()
    path = f"/v1/imports/{made['id']}"
    with house.database.connect() as owner:
        before = owner.execute("select count(*) from intake_key").fetchone()
        foretold = preview(admin, path)["forecast"]
        assert owner.execute("select count(*) from intake_key").fetchone() == before
    admin.post(f"{path}/start", {})
    run_all(house)
    done = admin.get(path).json()
    assert foretold["whole"]
    assert (foretold["new"], foretold["updates"], foretold["duplicates"]) == (
        done["accepted"],
        done["updates"],
        done["duplicates"],
    )
    assert (foretold["people_made"], foretold["refused"]) == (done["people_made"], done["refused"]) == (3, 2)


def test_a_spreadsheet_is_read_as_its_owner_sees_it(house: House, admin: Any) -> None:
    made = upload(
        admin, workbook([["手机号", "姓名", "生日"], [13712370101, "表格", date(1990, 1, 2)]]), name="会员.xlsx"
    )
    assert made.status_code == 201, made.text
    assert made.json()["format"] == "xlsx"
    seen = preview(admin, f"/v1/imports/{made.json()['id']}")
    assert seen["sample"][0]["cells"] == ["13712370101", "表格", "1990-01-02"]
    assert seen["forecast"]["people_made"] == 1


def test_merged_cells_are_said(admin: Any) -> None:
    rows = [["手机号", "姓名"], [13712370201, "甲"], [13712370202, None]]
    made = upload(admin, workbook(rows, merge="B2:B3"), name="x.xlsx").json()
    assert "B2:B3" in made["notices"][0]["en"]
    refused = upload(admin, workbook(rows, merge="A1:B1"), name="x.xlsx")
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "merged_header")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"phone,name\n", "no_rows"),
        (b'phone,name\n13712370301,"' + b"x" * 1_500_000 + b'"\n', "cell_too_long"),
        (b"phone\n\xff\xfe\xff\x81\x30\n", "unknown_encoding"),
        (b"PK\x03\x04broken", "bad_spreadsheet"),
        (b"\xd0\xcf\x11\xe0old", "old_spreadsheet"),
    ],
)
def test_what_cannot_be_read_is_said_clearly(admin: Any, content: bytes, code: str) -> None:
    answer = upload(admin, content)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)


def test_columns_of_one_name_are_said(admin: Any) -> None:
    made = upload(admin, "手机号,姓名,手机号\n13712370401,甲,13712370402\n".encode()).json()
    assert "第 1、3 列" in made["notices"][0]["zh"]


def test_a_large_file_is_read_in_the_background(house: House, admin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "INLINE_BYTES_MAX", 100)
    body = "phone,name\n" + "".join(f"137124{number:05d},n{number}\n" for number in range(2500))
    made = upload(admin, body.encode()).json()
    path = f"/v1/imports/{made['id']}"
    assert (made["state"], made["rows_total"]) == ("reading", 0)
    with house.database.connect() as owner:
        sealed = owner.execute("select bytes_enc from import_part where import_id = %s", (made["id"],)).fetchone()
        assert sealed is not None
        assert b"13712400001" not in bytes(sealed[0])
    run_all(house)
    read = admin.get(path).json()
    assert (read["state"], read["rows_total"], read["mapping"]) == ("uploaded", 2500, {"phone": 0, "name": 1})
    foretold = preview(admin, path)["forecast"]
    assert (foretold["whole"], foretold["people_made"]) == (False, 2000)
    admin.post(f"{path}/start", {})
    run_all(house)
    assert admin.get(path).json()["people_made"] == 2500


def test_a_large_file_that_cannot_be_read_says_why(house: House, admin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "INLINE_BYTES_MAX", 5)
    made = upload(admin, b"phone,name\n\n").json()
    run_all(house)
    failed = admin.get(f"/v1/imports/{made['id']}").json()
    assert (failed["state"], failed["error"]["en"]) == ("failed", "The file has column names but no rows.")


def test_a_sources_mapping_is_remembered(house: House, admin: Any) -> None:
    made = admin.client.post(
        "/v1/imports",
        files={"file": ("a.csv", io.BytesIO("甲,乙\n13712370501,某\n".encode()), "text/csv")},
        data={"kind": "customer", "source": "till"},
        headers={"X-CSRF-Token": admin.csrf},
    ).json()
    admin.post(f"/v1/imports/{made['id']}/start", {"mapping": {"phone": 0, "name": 1}, "cleaning": ["spaces"]})
    run_all(house)
    again = admin.client.post(
        "/v1/imports",
        files={"file": ("b.csv", io.BytesIO("乙,丙,甲\n某,x,13712370502\n".encode()), "text/csv")},
        data={"kind": "customer", "source": "till"},
        headers={"X-CSRF-Token": admin.csrf},
    ).json()
    assert (again["mapping"], again["cleaning"]) == ({"phone": 2, "name": 0}, ["spaces"])
    scores = {one["source"]: one for one in admin.get("/v1/imports/sources").json()}
    assert (scores["till"]["files"], scores["till"]["score"]) == (1, 100)


def test_cleaning_is_shown_before_and_after(admin: Any) -> None:
    body = "手机号,地址,姓名\n１３７ １２３７ ０６０１,广东省深圳市南山区科技园, 李 丽 \n".encode()
    made = upload(admin, body).json()
    seen = preview(admin, f"/v1/imports/{made['id']}")
    row = seen["sample"][0]
    assert row["cleaned"][0] == "+8613712370601"
    assert row["cleaned"][3:] == ["深圳", "南山区"]
    phones = next(one for one in seen["columns"] if one["field"] == "phone")
    assert phones["changes"] == [{"before": "１３７ １２３７ ０６０１", "after": "+8613712370601"}]
    plain = preview(admin, f"/v1/imports/{made['id']}", cleaning=[])
    assert plain["sample"][0]["cleaned"] == plain["sample"][0]["cells"]
    assert admin.post(f"/v1/imports/{made['id']}/preview", {"cleaning": ["no_such"]}).status_code == 422


def test_refused_rows_are_mended_and_come_back(house: House, admin: Any) -> None:
    strict = ["spaces", "width", "phone", "strict"]
    first = started(house, admin, "会员号,手机号\nR1,13712370701\nR2,12\n".encode(), cleaning=strict)
    assert (first["accepted"], first["refused"]) == (1, 1)
    listed = admin.get(f"/v1/imports/{first['id']}/refused").json()["items"]
    assert (listed[0]["row"], listed[0]["cells"]) == (3, ["R2", "12"])
    refused = admin.get(f"/v1/imports/{first['id']}/refused.csv").content.decode("utf-8-sig")
    mended = refused.replace(",12,", ",13712370702,")
    made = admin.client.post(
        "/v1/imports",
        files={"file": ("mended.csv", io.BytesIO(mended.encode("utf-8-sig")), "text/csv")},
        data={"kind": "customer", "mends": first["id"]},
        headers={"X-CSRF-Token": admin.csrf},
    ).json()
    assert made["mapping"] == {"member_no": 0, "phone": 1}
    admin.post(f"/v1/imports/{made['id']}/start", {})
    run_all(house)
    assert admin.get(f"/v1/imports/{made['id']}").json()["accepted"] == 1


def people(house: House) -> dict[str, Any]:
    """Living customers by the last four digits of their phone: city, tags, how many identifiers."""
    with house.database.connect() as owner:
        rows = owner.execute(
            """
            select i.last4, c.city, (select array_agg(t.tag order by t.tag) from customer_tag t where t.customer_id = c.id),
                   (select count(*) from customer_identifier x where x.customer_id = c.id)
            from customer c join customer_identifier i on i.customer_id = c.id and i.kind = 'phone'
            where c.tenant_id = %s and i.last4 like '88__'
            """,
            (house.a.id,),
        ).fetchall()
    return {row[0]: row[1:] for row in rows}


def test_an_import_is_undone_and_what_came_later_stays(house: House, admin: Any) -> None:
    started(house, admin, "手机号,城市,标签\n13712378801,上海,老客\n13712378802,上海,\n".encode())
    settle(house)
    before = people(house)
    body = "手机号,会员号,城市,标签\n13712378801,U1,杭州,活动\n13712378802,,杭州,\n13712378803,,苏州,活动\n13712378804,,苏州,\n"
    wrong = started(house, admin, body.encode())
    assert (wrong["updates"], wrong["people_made"]) == (1, 2)
    settle(house)
    assert people(house)["8801"] == ("杭州", ["活动", "老客"], 2)
    later = started(house, admin, "手机号,城市\n13712378802,南京\n13712378804,南京\n".encode())
    assert later["refused"] == 0
    settle(house)
    path = f"/v1/imports/{wrong['id']}"
    assert admin.post(f"{path}/undo").status_code == 200
    assert admin.post(f"{path}/undo").status_code == 409
    run_all(house)
    settle(house)
    undone = admin.get(path).json()
    assert undone["state"] == "undone", undone["error"]
    assert (undone["undone"]["people_removed"], undone["undone"]["people_kept"]) == (1, 3)
    after = people(house)
    assert after["8801"] == before["8801"]
    assert after["8802"][0] == "南京"
    assert "8803" not in after
    assert after["8804"][0] == "南京"
    again = started(house, admin, body.encode())
    assert (again["duplicates"], again["people_made"]) == (0, 1)


def test_orders_of_an_import_are_undone(house: House, admin: Any) -> None:
    with house.database.connect() as owner:
        day = owner.execute("select (now() - interval '3 days')::date::text").fetchone()[0]  # type: ignore[index]
    head = "订单号,下单时间,付款时间,手机号,商品编码,数量,行金额\n"
    first = f"{head}W1,{day} 10:00,{day} 10:05,13712370901,p1,1,10\n"
    started(house, admin, first.encode(), "order")
    settle(house)
    both = f"{head}W1,{day} 10:00,{day} 10:06,13712370901,p1,1,99\nW2,{day} 11:00,{day} 11:01,13712370901,p1,1,5\nW3,{day} 11:00,{day} 11:01,13712370902,p1,1,7\n"
    wrong = started(house, admin, both.encode(), "order")
    settle(house)
    assert spend(house) == {"W1": 99, "W2": 5, "W3": 7}
    admin.post(f"/v1/imports/{wrong['id']}/undo")
    run_all(house)
    settle(house)
    undone = admin.get(f"/v1/imports/{wrong['id']}").json()["undone"]
    assert (undone["orders_removed"], undone["orders_restored"], undone["people_removed"]) == (2, 1, 1)
    assert spend(house) == {"W1": 10}
    with house.database.connect() as owner:
        sums = owner.execute(
            "select p.order_count, p.spend_total from customer_profile p join customer_identifier i using (customer_id) where i.last4 = '0901'"
        ).fetchall()
    assert [(row[0], int(row[1])) for row in sums] == [(1, 10)]
    again = started(house, admin, both.encode(), "order")
    settle(house)
    assert again["refused"] == 0
    assert spend(house) == {"W1": 99, "W2": 5, "W3": 7}


def spend(house: House) -> dict[str, int]:
    with house.database.connect() as owner:
        rows = owner.execute("select external_id, total from sales_order where external_id like 'W%'").fetchall()
    return {row[0]: int(row[1]) for row in rows}


def stores(house: House, phone: str) -> list[str]:
    """The shops of whoever has this number."""
    with house.db.tx("worker", tenant=house.a.id) as tx:
        blind = tenant_keys(tx).blind("phone", "", f"+86{phone}")
        found = tx.cursor(
            """
            select u.code from identifier as i join customer as c on c.id = i.customer_id
            join org_unit as u on u.id = c.store_id where i.value_hash = %(hash)s
            """,
            {"hash": blind},
        )
        return [row[0] for row in found]


def workbook(rows: list[list[Any]], merge: str = "") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
