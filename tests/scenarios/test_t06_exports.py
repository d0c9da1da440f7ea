"""T06: an export is masked; a plain one needs a reason, a second person, carries a watermark, expires, and leaves a trail."""

from __future__ import annotations

from typing import Any

from people import known
from town import Town, ok

from harness.house import Person

PHONE = "13816160042"


def exported(town: Town, who: Person, **more: Any) -> dict[str, Any]:
    made = ok(who.post("/v1/exports", {"list": "customers", "filters": {"tag": "t06"}, **more}))
    return made if more.get("plain") else done(town, who, made["id"])


def done(town: Town, who: Person, export_id: str) -> dict[str, Any]:
    def finished() -> Any:
        (one,) = [one for one in ok(who.get("/v1/exports"))["items"] if one["id"] == export_id]
        return one if one["status"] == "done" else None

    return town.until(finished, "the file is made")


def text_of(who: Person, export_id: str) -> str:
    return who.get(f"/v1/exports/{export_id}/file").text


def test_t06_masked_by_default_plain_by_two(commons: Town) -> None:
    town, admin = commons, commons.person("admin")
    who = [{"kind": "phone", "value": PHONE}, {"kind": "member_no", "value": "Mt06"}]
    town.tell(("customer", {"identifiers": who, "name": "上官婉", "tags": ["t06"], "store": "s1"}))
    known(town, "Mt06")
    town.until(lambda: ok(admin.get("/v1/customers", tag="t06"))["items"], "she has her tag")
    masked = text_of(admin, exported(town, admin)["id"])
    assert "上**" in masked
    assert PHONE not in masked
    assert "上官婉" not in masked
    bare = admin.post("/v1/exports", {"list": "customers", "plain": True, "reason": " "})
    assert bare.status_code == 422
    asked = exported(town, admin, plain=True, reason="客户回访核对号码")
    assert (asked["status"], asked["file"]) == ("waiting", False)
    assert admin.get(f"/v1/exports/{asked['id']}/file").status_code >= 400
    own = admin.post(f"/v1/exports/{asked['id']}/approve")
    assert own.status_code == 403
    second = second_admin(town)
    ok(second.post(f"/v1/exports/{asked['id']}/approve"))
    ready = done(town, admin, asked["id"])
    plain = text_of(admin, asked["id"])
    assert PHONE in plain
    assert asked["id"].replace("-", "")[-8:] in plain, "the watermark says whose copy it is"
    assert ready["expires_at"] is not None
    assert second.get(f"/v1/exports/{asked['id']}/file").status_code == 404, "for whom it was made, and nobody else"
    trail = {
        one["action"] for one in ok(admin.get("/v1/audit", entity="export"))["items"] if one["entity_id"] == asked["id"]
    }
    assert {"export.requested", "export.approved", "export.downloaded"} <= trail


def test_t06_who_may_not_cannot(commons: Town) -> None:
    for login in ("shop1", "agent", "finance"):
        refused = commons.person(login).post(
            "/v1/exports", {"list": "customers", "plain": True, "reason": "想看看号码"}
        )
        assert refused.status_code == 403, login


def second_admin(town: Town) -> Person:
    """A second person who may approve."""
    admin = town.person("admin")
    made = ok(admin.post("/v1/users", {"login": "t06-admin", "name": "副管理员", "password": "correct horse battery"}))
    role = next(one["id"] for one in ok(admin.get("/v1/roles", limit=200))["items"] if one["code"] == "admin")
    ok(admin.patch(f"/v1/users/{made['id']}", {"assignments": [{"role_id": role, "scope": "all"}]}))
    return town.house.fresh("t06-admin")
