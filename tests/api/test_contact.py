"""Are live codes and welcomes set up by whom they may be, told rightly when wrong, and written in the trail?"""

from collections.abc import Iterator
from typing import Any

import pytest

from harness.house import House, Person
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


def code(person: Person, account: str, name: str, **more: Any) -> Any:
    body = {"account_id": account, "name": name, "seats": [{"member": "lin"}], **more}
    return person.post("/v1/live-codes", body)


def test_a_live_code_is_made_listed_changed_and_retired(house: House, account: str) -> None:
    admin = house.person("admin")
    hours = [{"days": [1, 2], "from": "09:00", "until": "21:00"}]
    seats = [{"member": "lin", "weight": 3, "daily_cap": 50, "hours": hours}, {"member": "zhao", "backup": True}]
    made = code(admin, account, "抖音主页", channel="抖音", tags=["抖音来的"], seats=seats).json()
    assert (made["where"], made["figures"]["added"], made["seats"][0]["hours"]) == ("making", 0, hours)
    code(admin, account, "门店海报")
    first = admin.get("/v1/live-codes", limit=1).json()
    second = admin.get("/v1/live-codes", limit=1, cursor=first["next"]).json()
    assert [one["name"] for page in (first, second) for one in page["items"]] == ["门店海报", "抖音主页"]
    assert [one["name"] for one in admin.get("/v1/live-codes", q="抖音").json()["items"]] == ["抖音主页"]
    changed = admin.patch(f"/v1/live-codes/{made['id']}", {"name": "抖音主页 B"}).json()
    assert (changed["name"], changed["state"], len(changed["seats"])) == ("抖音主页 B", made["state"], 2)
    assert admin.get(f"/v1/live-codes/{made['id']}/figures").json()["members"] == []
    assert admin.delete(f"/v1/live-codes/{made['id']}").status_code == 204
    assert admin.patch(f"/v1/live-codes/{made['id']}", {"name": "x"}).status_code == 409
    assert [one["name"] for one in admin.get("/v1/live-codes", archived=True).json()["items"]] == ["抖音主页 B"]
    told = [one["action"] for one in admin.get("/v1/audit", limit=20).json()["items"]]
    assert [one for one in told if one.startswith("live_code.")][:2] == ["live_code.archived", "live_code.changed"]
    room = admin.get("/v1/contact-accounts").json()["items"][0]
    assert (room["codes_used"], room["codes_max"]) == (1, 500_000)
    assert admin.patch(f"/v1/contact-accounts/{account}", {"codes_max": 1}).json()["codes_max"] == 1
    assert code(admin, account, "再来一个").json()["error"]["code"] == "live_codes_full"
    admin.patch(f"/v1/contact-accounts/{account}", {"codes_max": 500_000})


def test_mistakes_of_a_code_are_told_with_their_place(house: House, account: str) -> None:
    admin = house.person("admin")
    code(admin, account, "有了")
    for more, status in (
        ({"name": "有了"}, 409),
        ({"seats": []}, 422),
        ({"seats": [{"member": "lin"}, {"member": "lin"}]}, 422),
        ({"seats": [{"member": "lin", "backup": True}]}, 422),
        ({"kind": "single", "seats": [{"member": "a"}, {"member": "b"}]}, 422),
        ({"seats": [{"member": "a", "weight": 0}]}, 422),
        ({"seats": [{"member": "a", "hours": [{"days": [8], "from": "09:00", "until": "21:00"}]}]}, 422),
        ({"seats": [{"member": "a", "hours": [{"days": [1], "from": "9", "until": "25:00"}]}]}, 422),
        ({"account_id": "00000000-0000-7000-8000-000000000000"}, 404),
    ):
        body = {"name": f"错 {status}", **more}
        assert code(admin, body.pop("account_id", account), **body).status_code == status, more


def test_welcomes_are_tried_in_order(house: House, account: str) -> None:
    admin = house.person("admin")
    one = admin.post("/v1/welcome-messages", {"name": "一", "body": "您好{{客户昵称|朋友}}"}).json()
    two = admin.post(
        "/v1/welcome-messages", {"name": "二", "body": "晚上好", "from_time": "21:00", "until_time": "09:00"}
    ).json()
    moved = admin.put(f"/v1/welcome-messages/{two['id']}", {"name": "二", "body": "晚安", "place": 1})
    assert moved.json()["place"] == 1
    assert [row["name"] for row in admin.get("/v1/welcome-messages").json()["items"]] == ["二", "一"]
    for body, status in (
        ({"name": "一", "body": "x"}, 409),
        ({"name": "三", "body": "{{没有}}"}, 422),
        ({"name": "三", "body": "长" * 1400}, 422),
    ):
        assert admin.post("/v1/welcome-messages", body).status_code == status, body["name"]
    assert admin.delete(f"/v1/welcome-messages/{one['id']}").status_code == 204
    assert admin.get("/v1/friend-calls").json() == {"items": [], "next": None}
    assert admin.get("/v1/friend-calls/counts").json()["sent"] == 0
    assert account


def test_nobody_without_the_right_sees_or_changes(house: House, account: str) -> None:
    finance = house.person("finance")
    assert finance.get("/v1/live-codes").status_code == 403
    assert code(finance, account, "不行").status_code == 403
    region = house.person("north")
    assert region.get("/v1/live-codes").status_code == 200
    assert region.post("/v1/welcome-messages", {"name": "x", "body": "y"}).status_code == 403


def test_advisers_are_held_to_words_as_an_account_says(house: House, account: str) -> None:
    admin = house.person("admin")
    (before,) = [one for one in admin.get("/v1/intercept-accounts").json()["items"] if one["id"] == account]
    assert (before["enabled"], before["levels"], before["semantics"]) == (False, ["block", "warn"], [])
    path = f"/v1/intercept-accounts/{account}"
    on = admin.put(path, {"enabled": True, "levels": ["block"], "semantics": ["red_packet", "phone"]}).json()
    assert (on["enabled"], on["levels"], on["semantics"]) == (True, ["block"], ["phone", "red_packet"])
    off = admin.put(path, {"enabled": False}).json()
    assert (off["enabled"], off["levels"], off["semantics"]) == (False, ["block"], ["phone", "red_packet"])
    assert admin.put(path, {"enabled": True, "levels": []}).status_code == 422
    assert admin.put(path, {"enabled": True, "semantics": ["voice"]}).status_code == 422
    told = [one["action"] for one in admin.get("/v1/audit", limit=5).json()["items"]]
    assert told.count("intercept_rules.changed") == 2
    assert house.person("finance").put(path, {"enabled": True}).status_code == 403
