"""Are groups, their codes and mass messages set up by whom they may be, told rightly when wrong, and written in the trail?"""

from collections.abc import Iterator

import pytest

from harness.house import House
from tandem.kernel.settings import settings


@pytest.fixture(scope="module")
def account(house: House) -> Iterator[str]:
    patch = pytest.MonkeyPatch()
    patch.setenv("TANDEM_SIMULATOR_URL", "http://simulated")
    settings.cache_clear()
    made = house.person("admin").post(
        "/v1/connector-accounts",
        {"connector": "wecom", "source": "wecom", "name": "企微", "simulated": True, "settings": {}},
    )
    assert made.status_code == 201, made.text
    yield made.json()["id"]
    patch.undo()
    settings.cache_clear()


def test_only_who_may_send_starts_a_mass_message(house: House, account: str) -> None:
    admin, store = house.person("admin"), house.person("shop1")
    made = admin.post("/v1/mass-sends", {"account_id": account, "name": "上新", "body": "到店看看"})
    assert made.status_code == 201, made.text
    send = made.json()["id"]
    assert store.post(f"/v1/mass-sends/{send}/start").status_code == 403
    assert admin.post(f"/v1/mass-sends/{send}/start").json()["error"]["code"] == "mass_send_state"
    missing = admin.post(f"/v1/mass-sends/{send}/check").json()["error"]
    assert (missing["code"], missing["details"][0]["where"]) == ("bad_mass_send", "segment_id")
    long = admin.post("/v1/mass-sends", {"account_id": account, "name": "长", "body": "字" * 2001, "kind": "moments"})
    assert long.json()["error"]["code"] == "bad_mass_send"
    assert admin.post(f"/v1/mass-sends/{send}/cancel").json()["status"] == "cancelled"
    told = [one["action"] for one in admin.get("/v1/audit", limit=20).json()["items"]]
    assert [one for one in told if one.startswith("mass_send.")] == ["mass_send.cancelled", "mass_send.created"]


def test_what_the_platform_allows_is_data(house: House, account: str) -> None:
    admin = house.person("admin")
    changed = admin.patch(f"/v1/mass-accounts/{account}", {"quota": "per_week", "quota_n": 7}).json()
    assert (changed["quota"], changed["quota_n"], changed["task_max"]) == ("per_week", 7, 10_000)
    groups = admin.patch(f"/v1/group-accounts/{account}", {"size_max": 200}).json()
    assert (groups["size_max"], groups["greetings_max"]) == (200, 100)
    assert house.person("shop1").patch(f"/v1/mass-accounts/{account}", {"quota_n": 9}).status_code == 403


def test_words_for_newcomers_and_codes_refuse_what_the_platform_would(house: House, account: str) -> None:
    admin = house.person("admin")
    words = {"account_id": account, "name": "通用", "body": "欢迎 %NICKNAME%"}
    assert admin.post("/v1/group-welcomes", words).json()["where"] == "making"
    assert admin.post("/v1/group-welcomes", words).json()["error"]["code"] == "group_welcome_name_taken"
    bad = admin.post("/v1/group-welcomes", words | {"name": "错", "attachment": {"msgtype": "voice"}})
    assert bad.json()["error"]["code"] == "bad_group_welcome"
    nowhere = "01a20413-7f76-70d9-bcc4-8819c1fc0db1"
    code = {"account_id": account, "name": "群码", "seats": [{"group_id": nowhere}]}
    assert admin.post("/v1/group-codes", code).json()["error"]["code"] == "bad_live_code"
    assert admin.get(f"/v1/group-codes/{nowhere}").status_code == 404
