"""API keys: shown once, a part of what their maker holds, gone with their maker."""

from typing import Any

from harness.house import House, Person


def _bearer(house: House, key: str) -> Person:
    person = house.stranger()
    person.client.headers["Authorization"] = f"Bearer {key}"
    return person


def _make(person: Person, *permissions: str, **more: Any) -> dict[str, Any]:
    answer = person.post("/v1/api-keys", {"name": "till", "permissions": list(permissions), **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_key_opens_what_it_was_given_and_no_more(house: House) -> None:
    made = _make(house.person("admin"), "audit.read", "user.write")
    program = _bearer(house, made["key"])
    assert program.get("/v1/audit").status_code == 200
    assert program.get("/v1/users").status_code == 403
    assert program.get("/v1/me").json()["permissions"] == ["audit.read", "user.write"]
    # What its maker is told of may go beyond what the key was given.
    refused = [program.get("/v1/notices"), program.put("/v1/notice-settings", {"kinds_off": []})]
    assert [one.json()["error"]["code"] for one in refused] == ["people_only", "people_only"]


def test_a_key_needs_no_csrf_token_and_signs_its_changes(house: House) -> None:
    program = _bearer(house, _make(house.person("admin"), "settings.write", "audit.read")["key"])
    answer = program.post(
        "/v1/org-units",
        {"kind": "region", "code": "by-key", "name": "K", "parent_id": str(house.a.units["brand"])},
    )
    assert answer.status_code == 201
    entry = program.get("/v1/audit", entity_id=answer.json()["id"]).json()["items"][0]
    assert entry["api_key_name"] == "till"
    assert entry["user_name"] == "Admin"


def test_a_key_cannot_raise_anybody_above_itself(house: House) -> None:
    admin = house.person("admin")
    roles = {role["code"]: role["id"] for role in admin.get("/v1/roles").json()["items"]}
    program = _bearer(house, _make(admin, "user.write", "user.read", "api_key.write")["key"])
    body = {"login": "viakey", "name": "v", "password": "long enough", "assignments": [{"role_id": roles["admin"]}]}
    assert program.post("/v1/users", body).json()["error"]["code"] == "escalation"
    assert program.post("/v1/api-keys", {"name": "n", "permissions": ["audit.read"]}).status_code == 403
    maker = f"/v1/users/{house.a.people['admin']}"
    assert program.patch(maker, {"password": "long enough"}).json()["error"]["code"] == "escalation"


def test_the_key_is_shown_once_and_stored_as_a_hash(house: House) -> None:
    admin = house.person("admin")
    made = _make(admin, "audit.read")
    assert made["key"].startswith(made["prefix"] + "_")
    assert made["key"] not in admin.get("/v1/api-keys").text
    assert made["key"] not in admin.get("/v1/audit", entity_id=made["id"]).text
    with house.database.connect() as connection:
        rows = connection.execute("select to_jsonb(k)::text from api_key k").fetchall()
    secret = made["key"].rpartition("_")[2]
    assert not any(secret in row[0] for row in rows)


def test_a_revoked_or_expired_key_is_dead(house: House) -> None:
    admin = house.person("admin")
    made = _make(admin, "audit.read")
    program = _bearer(house, made["key"])
    assert program.get("/v1/audit").status_code == 200
    assert admin.delete(f"/v1/api-keys/{made['id']}").status_code == 204
    assert program.get("/v1/audit").status_code == 401
    dated = _make(admin, "audit.read", expires_at="2999-01-01T00:00:00Z")
    with house.database.connect() as connection:
        connection.execute("update api_key set expires_at = now() - interval '1 s' where id = %s", (dated["id"],))
    assert _bearer(house, dated["key"]).get("/v1/audit").status_code == 401
    past = admin.post(
        "/v1/api-keys", {"name": "p", "permissions": ["audit.read"], "expires_at": "2001-01-01T00:00:00Z"}
    )
    assert past.json()["error"]["code"] == "expired"


def test_a_key_shrinks_with_its_maker_and_dies_with_them(house: House) -> None:
    admin = house.person("admin")
    operator_id = house.a.people["operator"]
    program = _bearer(house, _make(house.person("operator"), "audit.read")["key"])
    assert program.get("/v1/audit").status_code == 200
    before = admin.get(f"/v1/users/{operator_id}").json()["assignments"]
    admin.patch(f"/v1/users/{operator_id}", {"assignments": []})
    assert program.get("/v1/audit").status_code == 403
    kept = [{key: one[key] for key in ("role_id", "scope", "org_unit_id")} for one in before]
    admin.patch(f"/v1/users/{operator_id}", {"assignments": kept})
    assert program.get("/v1/audit").status_code == 200
    admin.patch(f"/v1/users/{operator_id}", {"active": False})
    assert program.get("/v1/audit").status_code == 401


def test_last_use_is_noted(house: House) -> None:
    admin = house.person("admin")
    made = _make(admin, "audit.read")
    _bearer(house, made["key"]).get("/v1/audit")
    line = next(one for one in admin.get("/v1/api-keys").json()["items"] if one["id"] == made["id"])
    assert line["last_used_at"] is not None


def test_a_made_up_key_is_refused(house: House) -> None:
    for key in ("tk_", "tk_0123abcd_nothing", "tk_" + "x" * 5000, "tk_🔑"):
        person = house.stranger()
        answer = person.client.get("/v1/audit", headers={"Authorization": f"Bearer {key}".encode()})
        assert answer.status_code == 401
