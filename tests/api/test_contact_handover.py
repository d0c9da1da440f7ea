"""Are hand-overs begun by whom they may be, with mistakes told, and written in the trail?"""

from collections.abc import Iterator

import pytest

from harness.house import PASSWORD, House
from tandem.kernel.settings import settings


@pytest.fixture(scope="module")
def account(house: House) -> Iterator[str]:
    patch = pytest.MonkeyPatch()
    patch.setenv("TANDEM_SIMULATOR_URL", "http://simulated")
    settings.cache_clear()
    body = {"connector": "wecom", "source": "wecom-hand", "name": "企微", "simulated": True, "settings": {}}
    made = house.person("admin").post("/v1/connector-accounts", body)
    assert made.status_code == 201, made.text
    account = made.json()["id"]
    with house.database.connect() as owner:
        for member, status in (("lin", "away"), ("zhao", "active")):
            owner.execute(
                "insert into adviser (tenant_id, account_id, member, name, status, seen_at) values (%s, %s, %s, %s, %s, now())",
                (house.a.id, account, member, member.title(), status),
            )
    yield account
    patch.undo()
    settings.cache_clear()


def test_a_hand_over_is_begun_watched_and_stopped(house: House, account: str) -> None:
    admin = house.person("admin")
    rows = [one for one in admin.get("/v1/adviser-friends").json()["items"] if one["account_id"] == account]
    assert [(one["name"], one["away"], one["friends"]) for one in rows] == [("Lin", True, 0), ("Zhao", False, 0)]
    given = {"account_id": account, "giver": "lin", "taker": "zhao"}
    made = admin.post("/v1/hand-overs", given).json()
    assert (made["resigned"], made["state"], made["taker_name"], made["planned"]) == (True, "gathering", "Zhao", 0)
    assert admin.post("/v1/hand-overs", given).json()["error"]["code"] == "hand_over_under_way"
    for more, status in (({"giver": "nobody"}, 404), ({"taker": "lin"}, 422), ({"message": "长" * 201}, 422)):
        assert admin.post("/v1/hand-overs", {**given, **more}).status_code == status, more
    assert [one["id"] for one in admin.get("/v1/hand-overs").json()["items"]] == [made["id"]]
    assert admin.get(f"/v1/hand-overs/{made['id']}/customers").json() == {"items": [], "next": None}
    assert admin.post(f"/v1/hand-overs/{made['id']}/stop").status_code == 202
    assert admin.get("/v1/lost-friends").json() == {"items": [], "next": None}
    assert admin.post("/v1/lost-friends/believed", {"account_id": account, "member": "zhao"}).status_code == 404
    told = {row["action"] for row in admin.get("/v1/audit", limit=50).json()["items"]}
    assert {"hand_over.begun", "hand_over.stopped"} <= told


def test_nobody_without_the_right_hands_over(house: House, account: str) -> None:
    assert house.person("finance").get("/v1/hand-overs").status_code == 403
    region = house.person("north")
    assert region.get("/v1/hand-overs").status_code == 200
    assert region.post("/v1/hand-overs", {"account_id": account, "giver": "lin", "taker": "zhao"}).status_code == 403


def test_who_sees_a_region_moves_nobody(house: House, account: str) -> None:
    admin, given = house.person("admin"), {"account_id": account, "giver": "zhang", "taker": "zhao"}
    role = admin.post("/v1/roles", {"name": "区域私域", "permissions": ["contact.*"]}).json()["id"]
    assigned = [{"role_id": role, "scope": "region", "org_unit_id": str(house.a.units["north"])}]
    body = {"login": "desk.north", "name": "北区", "password": PASSWORD, "assignments": assigned}
    assert admin.post("/v1/users", body).status_code == 201
    with house.database.connect() as owner:
        owner.execute(
            "insert into adviser (tenant_id, account_id, member, name, status, seen_at) values (%s, %s, 'zhang', 'Zhang', 'away', now())",
            (house.a.id, account),
        )
    region = house.fresh("desk.north")
    made = admin.post("/v1/hand-overs", given).json()
    for path, asked in (
        ("/v1/hand-overs", given),
        (f"/v1/hand-overs/{made['id']}/stop", None),
        ("/v1/lost-friends/believed", {"account_id": account, "member": "zhao"}),
    ):
        assert region.post(path, asked).json()["error"]["code"] == "out_of_scope", path
    assert made["id"] in [one["id"] for one in region.get("/v1/hand-overs").json()["items"]]
