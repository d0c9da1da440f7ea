"""People, roles, organisation and keys: every change leaves a trace, and nobody rises above themselves."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from harness.house import PASSWORD, House, Person
from tandem.access.service import assign_role
from tandem.kernel.db import begin


def _role_id(admin: Person, code: str) -> str:
    return next(role["id"] for role in admin.get("/v1/roles").json()["items"] if role["code"] == code)


def _new_user(house: House, login: str, *assignments: dict[str, Any]) -> dict[str, Any]:
    admin = house.person("admin")
    body = {"login": login, "name": login, "password": PASSWORD, "assignments": list(assignments)}
    answer = admin.post("/v1/users", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def _last_audit(house: House, **filters: str) -> dict[str, Any]:
    return house.person("admin").get("/v1/audit", **filters).json()["items"][0]


def test_a_person_is_added_with_a_role_and_can_sign_in(house: House) -> None:
    admin = house.person("admin")
    unit = str(house.a.units["s1"])
    user = _new_user(house, "newbie", {"role_id": _role_id(admin, "agent"), "scope": "store", "org_unit_id": unit})
    assert user["assignments"][0]["role_code"] == "agent"
    assert user["assignments"][0]["org_unit_name"] == "S1"
    me = house.fresh("newbie").get("/v1/me").json()
    assert me["scope"] == {"kind": "store", "store_ids": [unit]}
    entry = _last_audit(house, entity="staff_user", entity_id=user["id"])
    assert entry["action"] == "user.created"
    assert entry["user_name"] == "Admin"
    assert entry["after"]["login"] == "newbie"
    assert PASSWORD not in str(entry)


def test_changes_show_before_and_after_and_only_what_changed(house: House) -> None:
    user = _new_user(house, "renamed")
    answer = house.person("admin").patch(f"/v1/users/{user['id']}", {"name": "新名字 🎉"})
    assert answer.json()["name"] == "新名字 🎉"
    entry = _last_audit(house, entity_id=user["id"])
    assert entry["before"] == {"name": "renamed"}
    assert entry["after"] == {"name": "新名字 🎉"}
    assert entry["request_id"] == answer.headers["x-request-id"]


def test_a_change_that_changes_nothing_leaves_no_trace(house: House) -> None:
    user = _new_user(house, "same")
    house.person("admin").patch(f"/v1/users/{user['id']}", {"name": "same"})
    assert _last_audit(house, entity_id=user["id"])["action"] == "user.created"


def test_the_last_administrator_stays(house: House) -> None:
    admin = house.person("admin")
    admin_id = str(house.a.people["admin"])
    assert admin.patch(f"/v1/users/{admin_id}", {"active": False}).json()["error"]["code"] == "last_admin"
    assert admin.patch(f"/v1/users/{admin_id}", {"assignments": []}).json()["error"]["code"] == "last_admin"
    assert admin.get(f"/v1/users/{admin_id}").json()["active"] is True
    assert admin.get("/v1/me").status_code == 200


def _people_manager(house: House, login: str) -> Person:
    """Somebody who may manage people and roles, and read orders, but nothing else."""
    admin = house.person("admin")
    permissions = ["user.read", "user.write", "role.write", "audit.read", "api_key.write"]
    role = admin.post("/v1/roles", {"name": f"HR {login}", "permissions": permissions}).json()
    _new_user(house, login, {"role_id": role["id"], "scope": "all"})
    return house.fresh(login)


def test_nobody_gives_what_they_do_not_have(house: House) -> None:
    manager = _people_manager(house, "hr1")
    admin_role = _role_id(manager, "admin")
    body = {"login": "sneaky", "name": "s", "password": PASSWORD, "assignments": [{"role_id": admin_role}]}
    refused = manager.post("/v1/users", body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "escalation")
    assert manager.get("/v1/users", q="sneaky").json()["items"] == []
    myself = manager.get("/v1/me").json()["user"]["id"]
    assert manager.patch(f"/v1/users/{myself}", {"assignments": [{"role_id": admin_role}]}).status_code == 403
    for permissions in (["*"], ["settings.*"], ["settings.read"], ["audit.*"]):
        assert manager.post("/v1/roles", {"name": "more", "permissions": permissions}).status_code == 403
        assert manager.post("/v1/api-keys", {"name": "k", "permissions": permissions}).status_code == 403
    assert manager.post("/v1/roles", {"name": "fine", "permissions": ["audit.read"]}).status_code == 201


def test_nobody_takes_over_somebody_above_them(house: House) -> None:
    manager = _people_manager(house, "hr2")
    admin_id = house.a.people["admin"]
    for body in ({"password": "taken over now"}, {"active": False}, {"assignments": []}, {"name": "x"}):
        assert manager.patch(f"/v1/users/{admin_id}", body).json()["error"]["code"] == "escalation"
    assert house.person("admin").get("/v1/me").status_code == 200


def test_a_regional_manager_of_people_stays_in_the_region(house: House) -> None:
    admin = house.person("admin")
    permissions = ["user.read", "user.write", "audit.read"]
    role = admin.post("/v1/roles", {"name": "regional HR", "permissions": permissions}).json()["id"]
    north, s1, s3 = (str(house.a.units[code]) for code in ("north", "s1", "s3"))
    _new_user(house, "hr3", {"role_id": role, "scope": "region", "org_unit_id": north})
    manager = house.fresh("hr3")

    def add(login: str, assignment: dict[str, Any]) -> int:
        body = {"login": login, "name": login, "password": PASSWORD, "assignments": [assignment]}
        return manager.post("/v1/users", body).status_code

    assert add("inside", {"role_id": role, "scope": "store", "org_unit_id": s1}) == 201
    assert add("outside", {"role_id": role, "scope": "store", "org_unit_id": s3}) == 403
    assert add("everywhere", {"role_id": role, "scope": "all"}) == 403
    seen = {user["login"] for user in manager.get("/v1/users").json()["items"]}
    assert {"hr3", "inside", "shop1"} <= seen
    assert "admin" not in seen
    assert manager.get(f"/v1/users/{house.a.people['admin']}").status_code == 404


def test_roles_of_ones_own_change_and_go(house: House) -> None:
    admin = house.person("admin")
    role = admin.post("/v1/roles", {"name": "读单", "permissions": ["settings.read"]}).json()
    changed = admin.patch(f"/v1/roles/{role['id']}", {"permissions": ["settings.read", "audit.read"]}).json()
    assert changed["permissions"] == ["audit.read", "settings.read"]
    user = _new_user(house, "holder", {"role_id": role["id"]})
    assert admin.delete(f"/v1/roles/{role['id']}").json()["error"]["code"] == "role_held"
    admin.patch(f"/v1/users/{user['id']}", {"assignments": []})
    assert admin.delete(f"/v1/roles/{role['id']}").status_code == 204
    assert _last_audit(house, entity_id=role["id"])["action"] == "role.deleted"


def test_built_in_roles_cannot_be_changed(house: House) -> None:
    admin = house.person("admin")
    role = next(one for one in admin.get("/v1/roles").json()["items"] if one["code"] == "finance")
    assert role["label"] == {"zh": "财务", "en": "Finance"}
    assert admin.patch(f"/v1/roles/{role['id']}", {"permissions": ["*"]}).json()["error"]["code"] == "built_in_role"
    assert admin.delete(f"/v1/roles/{role['id']}").status_code == 409


def test_an_unknown_permission_is_named(house: House) -> None:
    answer = house.person("admin").post("/v1/roles", {"name": "typo", "permissions": ["order.raed", "settings.read"]})
    assert answer.json()["error"]["details"][0]["what"]["en"] == "order.raed is not known"


def test_the_tree_is_brand_region_store(house: House) -> None:
    admin = house.person("admin")
    brand, north, s1 = (str(house.a.units[code]) for code in ("brand", "north", "s1"))
    for kind, parent in (("store", brand), ("store", s1), ("region", north), ("brand", brand), ("region", None)):
        answer = admin.post("/v1/org-units", {"kind": kind, "code": "x1", "name": "X", "parent_id": parent})
        assert answer.json()["error"]["code"] == "wrong_parent"
    made = admin.post("/v1/org-units", {"kind": "store", "code": "s9", "name": "九号店", "parent_id": north})
    assert made.status_code == 201
    again = admin.post("/v1/org-units", {"kind": "store", "code": "s9", "name": "again", "parent_id": north})
    assert again.json()["error"]["code"] == "code_taken"
    south = str(house.a.units["south"])
    moved = admin.patch(f"/v1/org-units/{made.json()['id']}", {"parent_id": south, "name": "南九"})
    assert (moved.json()["parent_id"], moved.json()["name"]) == (south, "南九")
    assert admin.patch(f"/v1/org-units/{made.json()['id']}", {"parent_id": brand}).status_code == 422


def test_another_tenants_things_do_not_exist(house: House) -> None:
    admin = house.person("admin")
    theirs = house.b
    assert admin.get(f"/v1/users/{theirs.people['agent']}").status_code == 404
    assert admin.patch(f"/v1/users/{theirs.people['agent']}", {"name": "x"}).status_code == 404
    assert admin.patch(f"/v1/org-units/{theirs.units['s1']}", {"name": "x"}).status_code == 404
    role = _role_id(admin, "agent")
    body = {"login": "cross", "name": "c", "password": PASSWORD}
    across = {"role_id": role, "scope": "store", "org_unit_id": str(theirs.units["s1"])}
    assert admin.post("/v1/users", {**body, "assignments": [across]}).json()["error"]["code"] == "wrong_scope"
    foreign = {"role_id": _role_id(house.person("b.admin"), "agent")}
    assert admin.post("/v1/users", {**body, "assignments": [foreign]}).json()["error"]["code"] == "no_such_role"
    assert admin.delete(f"/v1/api-keys/{uuid4()}").status_code == 404


@pytest.mark.parametrize(
    ("login", "expected"),
    [("marketing", 403), ("finance", 403), ("operator", 200), ("shop1", 200), ("agent", 403), ("admin", 200)],
)
def test_who_may_see_people(house: House, login: str, expected: int) -> None:
    assert house.person(login).get("/v1/users").status_code == expected


def test_lists_page_by_cursor_without_repeats(house: House) -> None:
    admin = house.person("admin")
    seen: list[str] = []
    cursor = None
    for _ in range(100):
        page = admin.get("/v1/users", limit=3, **({"cursor": cursor} if cursor else {})).json()
        seen += [user["id"] for user in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) >= 8
    assert admin.get("/v1/users", cursor="nonsense").json()["error"]["code"] == "bad_cursor"


def test_the_trail_filters_by_person_action_and_time(house: House) -> None:
    admin = house.person("admin")
    marketing = str(house.a.people["marketing"])
    house.fresh("marketing")
    items = admin.get("/v1/audit", actor=marketing).json()["items"]
    assert items
    assert {item["user_id"] for item in items} == {marketing}
    assert {item["action"] for item in admin.get("/v1/audit", action="session.opened").json()["items"]} == {
        "session.opened"
    }
    assert admin.get("/v1/audit", since="2999-01-01T00:00:00Z").json()["items"] == []
    assert all(
        item["user_name"] != "B.Admin" for item in house.person("admin").get("/v1/audit", limit=200).json()["items"]
    )


def test_who_sees_one_region_neither_moves_shops_into_it_nor_reads_everybodys_trail(house: House) -> None:
    admin = house.person("admin")
    role = admin.post("/v1/roles", {"name": "regional", "permissions": ["settings.*", "audit.read"]}).json()["id"]
    north, s3 = str(house.a.units["north"]), str(house.a.units["s3"])
    _new_user(house, "regional", {"role_id": role, "scope": "region", "org_unit_id": north})
    regional = house.fresh("regional")
    assert regional.patch(f"/v1/org-units/{s3}", {"parent_id": north}).json()["error"]["code"] == "out_of_scope"
    new = {"kind": "store", "code": "mine", "name": "M", "parent_id": north}
    assert regional.post("/v1/org-units", new).status_code == 403
    entries = regional.get("/v1/audit").json()["items"]
    assert {entry["user_name"] for entry in entries} == {"regional"}
    assert regional.get("/v1/audit", actor=str(house.a.people["admin"])).json()["items"] == entries


def test_two_administrators_cannot_remove_each_other_at_once(house: House) -> None:
    boss, role = house.person("b.admin"), _role_id(house.person("b.admin"), "admin")
    body = {"login": "b.second", "name": "2", "password": PASSWORD, "assignments": [{"role_id": role}]}
    second_id = boss.post("/v1/users", body).json()["id"]
    second = house.fresh("b.second")
    boss_id = str(house.b.people["admin"])
    with ThreadPoolExecutor(2) as both:
        one = both.submit(boss.patch, f"/v1/users/{second_id}", {"active": False})
        other = both.submit(second.patch, f"/v1/users/{boss_id}", {"active": False})
        codes = sorted((one.result().status_code, other.result().status_code))
    assert codes in ([200, 401], [200, 403], [200, 409]), codes
    with house.database.connect() as owner:
        left = owner.execute(
            "select count(*) from staff_user where id = any(%s::uuid[]) and active", ([boss_id, second_id],)
        ).fetchone()
    assert left == (1,)


def test_how_long_logs_are_kept_is_the_tenants_choice(house: House) -> None:
    admin = house.person("admin")
    kept = {one["what"]: one for one in admin.get("/v1/settings/retention").json()["items"]}
    assert {"events", "steps", "sessions", "messages", "simulated"} <= set(kept)
    assert (kept["steps"]["days"], kept["steps"]["default"], kept["steps"]["label"]["en"]) == (
        400,
        400,
        "Steps of flows",
    )
    changed = admin.put("/v1/settings/retention/steps", {"days": 90})
    assert {one["what"]: one["days"] for one in changed.json()["items"]}["steps"] == 90
    assert admin.put("/v1/settings/retention/steps", {"days": 3}).status_code == 422
    assert admin.put("/v1/settings/retention/nonsense", {"days": 90}).status_code == 404
    assert house.person("shop1").put("/v1/settings/retention/steps", {"days": 90}).status_code == 403
    (entry,) = admin.get("/v1/audit", entity="retention").json()["items"]
    assert (entry["before"], entry["after"]) == ({"steps": 400}, {"steps": 90})


MAIL = {
    "host": "smtp.example.com",
    "port": "465",
    "user": "shop@example.com",
    "sender": "shop@example.com",
    "password": "a-password-nobody-reads",
}
MAIL_CHANNEL = "/v1/message-channels/email"


def _put_mail(person: Person, **changed: str) -> Any:
    return person.put(MAIL_CHANNEL, {"provider": "smtp", "settings": {**MAIL, **changed}})


def _wrong(answer: Any) -> list[str]:
    assert answer.json()["error"]["code"] == "bad_channel_settings"
    return [one["where"] for one in answer.json()["error"]["details"]]


def test_a_kept_password_goes_nowhere_new(house: House) -> None:
    admin = house.person("admin")
    assert _put_mail(admin).status_code == 204
    assert _put_mail(admin, password="", sender="news@example.com").status_code == 204
    for moved in ({"host": "smtp.evil.example"}, {"port": "587"}, {"user": "other@example.com"}):
        assert _wrong(_put_mail(admin, password="", **moved)) == ["settings.password"]
        assert _put_mail(admin, password="").status_code == 204
    assert _put_mail(admin, host="smtp.other.example").status_code == 204
    assert admin.delete(MAIL_CHANNEL).status_code == 204
    assert _wrong(_put_mail(admin, password="")) == ["settings.password"]


def test_mail_goes_to_mail_servers_outside_only(house: House) -> None:
    admin = house.person("admin")
    for inside in ("127.0.0.1", "169.254.169.254", "localhost", "2130706433"):
        assert _wrong(_put_mail(admin, host=inside)) == ["settings.host"]
    assert _wrong(_put_mail(admin, port="6379")) == ["settings.port"]


def test_whoever_sees_some_or_no_personal_data_chooses_no_channel(house: House) -> None:
    admin = house.person("admin")
    role = admin.post("/v1/roles", {"name": "channels", "permissions": ["settings.*", "message.*"]}).json()
    with house.db.connection("owner") as connection:
        tx = begin(connection, tenant=house.a.id)
        assign_role(tx, house.a.people["agent"], role["code"], scope="store", org_unit_id=house.a.units["s1"])
        assign_role(tx, house.a.people["finance"], role["code"])
    for who, code in (("agent", "out_of_scope"), ("finance", "forbidden")):
        person = house.fresh(who)
        for answer in (_put_mail(person), person.delete(MAIL_CHANNEL)):
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, code)
            assert "settings.write" not in answer.text


def test_a_template_names_the_texts_that_providers_approved(house: House) -> None:
    admin = house.person("admin")
    body = {"name": "审核文本", "body": "{{customer.city}}新店开业", "message_class": "marketing"}
    template = admin.post("/v1/message-templates", body).json()["id"]
    path = f"/v1/message-templates/{template}/approved-texts"

    def sms() -> dict[str, Any]:
        (found,) = [one for one in admin.get(path).json()["texts"] if one["channel"] == "sms"]
        return found

    assert (sms()["code"], sms()["wanted"]) == (None, False)
    keys = {"access_key_id": "LTAI", "sign_name": "双擎", "access_key_secret": "a-key-nobody-reads"}
    assert admin.put("/v1/message-channels/sms", {"provider": "aliyun", "settings": keys}).status_code == 204
    assert sms()["wanted"]
    refused = admin.put(f"{path}/sms", {"code": "SMS_1", "params": [["city", "customer.name"]]})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "foreign_placeholder")
    assert admin.put(f"{path}/sms", {"code": "SMS_1", "params": [["city", "customer.city"]]}).status_code == 204
    assert (sms()["code"], sms()["params"]) == ("SMS_1", [["city", "customer.city"]])
    assert admin.delete(f"{path}/sms").status_code == 204
    assert (sms()["code"], admin.delete(f"{path}/sms").status_code) == (None, 404)
    assert admin.delete("/v1/message-channels/sms").status_code == 204


def test_whoever_lacks_a_right_can_read_what_it_is_called(house: House) -> None:
    rights = house.person("agent").get("/v1/permissions", limit=1000).json()["items"]
    assert next(one["label"]["zh"] for one in rights if one["name"] == "archive.read")
    assert house.person("agent").get("/v1/roles").status_code == 403
    assert house.stranger().get("/v1/permissions").status_code == 401
