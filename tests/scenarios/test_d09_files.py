"""D09: a file is imported with mapping, preview, progress, and a list of refused rows that can be mended and brought back."""

from __future__ import annotations

import io
from typing import Any

from town import Town, ok

from harness.house import Person

#: Columns by names of the shop's own; a placeholder for a phone, an impossible birthday, and a row that names nobody.
FILE = """会员卡号,客户姓名,联系电话,出生日期,所在城市,客户标签
D9-1,许一,13709090001,1990-01-02,上海,老客;团购
D9-2,许二,13800138000,1988/3/4,杭州,
D9-3,许三,137 0909 0003,1990-13-45,苏州,
,许四,12,,上海,
"""


def upload(person: Person, content: bytes, name: str, **more: str) -> dict[str, Any]:
    answer = person.client.post(
        "/v1/imports",
        files={"file": (name, io.BytesIO(content), "text/csv")},
        data={"kind": "customer", "source": "d09-till", **more},
        headers={"X-CSRF-Token": person.csrf},
    )
    return ok(answer)


def finished(town: Town, person: Person, path: str) -> dict[str, Any]:
    ends = {"done", "failed", "cancelled"}
    return town.until(lambda: one if (one := ok(person.get(path)))["state"] in ends else None, "the import ends")


def test_d09_a_file_comes_in_with_its_refused_rows_told(commons: Town) -> None:
    town, who = commons, commons.person("marketing")
    file = upload(who, FILE.encode("gbk"), "会员.csv")
    assert file["encoding"] == "gb18030"
    assert file["mapping"] == {"member_no": 0, "name": 1, "phone": 2, "birthday": 3, "city": 4, "tags": 5}
    path = f"/v1/imports/{file['id']}"
    seen = ok(who.post(f"{path}/preview", {}))
    foretold = seen["forecast"]
    assert (foretold["people_made"], foretold["refused"], foretold["left_out"]) == (3, 1, 2)
    told = {one["row"]: (one["taken"], one["what"]["zh"]) for one in seen["problems"]}
    assert told[3] == (True, "手机号：是占位号码，不能代表一个人，已略去")
    assert told[4][1].startswith("生日：“1990-13-45”不是日期")
    assert told[5][0] is False
    ok(who.post(f"{path}/start", {}))
    done = finished(town, who, path)
    assert (done["state"], done["rows_done"], done["accepted"]) == ("done", 4, 3)
    assert (done["refused"], done["left_out"]) == (foretold["refused"], foretold["left_out"])
    (found,) = town.until(lambda: ok(who.get("/v1/customers", q="D9-3"))["items"], "she is found by her card")
    assert found["phone"] == "137****0003"
    town.until(lambda: "团购" in str(ok(who.get("/v1/customers", q="D9-1"))), "her tags are on")
    refused = who.get(f"{path}/refused.csv").content.decode("utf-8-sig")
    assert refused.splitlines()[0].startswith("会员卡号,客户姓名,联系电话")
    mended = refused.replace(",12,", ",13709090004,").encode("utf-8-sig")
    again = upload(who, mended, "改好.csv", mends=file["id"])
    assert again["mapping"] == file["mapping"], "the choice was remembered"
    path = f"/v1/imports/{again['id']}"
    ok(who.post(f"{path}/start", {}))
    assert finished(town, who, path)["accepted"] == 1
