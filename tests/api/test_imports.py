"""File import through the application: preview, start, progress, cancel, refused rows."""

from __future__ import annotations

import io
from typing import Any

import pytest

from harness.door import KINDS
from harness.house import House
from tandem.kernel.jobs import run_next
from tandem.stream.imports import upload as uploading
from tandem.stream.imports.run import handler
from tandem.stream.imports.service import JOB_KIND

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


def run_all(house: House) -> None:
    while run_next(house.db, {JOB_KIND: handler(lambda: KINDS)}):
        pass


@pytest.mark.parametrize("encoding", ["gbk", "utf-8-sig"])
def test_a_file_is_previewed_started_and_its_bad_rows_come_back(house: House, admin: Any, encoding: str) -> None:
    made = upload(admin, CUSTOMERS.encode(encoding))
    assert made.status_code == 201, made.text
    file = made.json()
    assert file["state"] == "uploaded"
    assert file["mapping"] == {"member_no": 0, "name": 1, "phone": 2, "gender": 3, "birthday": 4, "city": 5, "tags": 6}
    assert file["sample"][0][1] == "李丽"
    assert [one["row"] for one in file["problems"]] == [4]
    path = f"/v1/imports/{file['id']}"
    assert admin.post(f"{path}/start", {}).json()["state"] == "queued"
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
    assert "identifiers" in lines[2]
    with house.database.connect() as owner:
        assert owner.execute("select count(*) from inbox where mode <> 1").fetchone() == (0,)
        assert owner.execute("select count(*) from import_piece where import_id = %s", (file["id"],)).fetchone() == (0,)


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
    path = f"/v1/imports/{file['id']}"
    assert file["mapping"] == {}
    assert admin.post(f"{path}/start", {}).status_code == 422
    assert admin.post(f"{path}/preview", {"mapping": {"phone": 0}}).json()["problems"] == []
    assert admin.post(f"{path}/start", {"mapping": {"phone": 0, "name": 7}}).status_code == 422
    assert admin.post(f"{path}/start", {"mapping": {"phone": 0, "name": 1}}).status_code == 200
    run_all(house)
    assert admin.get(path).json()["accepted"] == 1


def test_a_running_import_can_be_cancelled(house: House, admin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "PIECE_ROWS", 2)
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
