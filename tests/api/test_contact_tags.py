"""Are the rules of tags both ways set by whom they may be, within the platform's limits, and written in the trail?"""

from collections.abc import Iterator
from typing import Any

import pytest

from harness.house import House
from tandem.kernel.settings import settings


@pytest.fixture(scope="module")
def account(house: House) -> Iterator[str]:
    patch = pytest.MonkeyPatch()
    patch.setenv("TANDEM_SIMULATOR_URL", "http://simulated")
    settings.cache_clear()
    body = {"connector": "wecom", "source": "wecom-tags", "name": "企微", "simulated": True, "settings": {}}
    made = house.person("admin").post("/v1/connector-accounts", body)
    assert made.status_code == 201, made.text
    yield made.json()["id"]
    patch.undo()
    settings.cache_clear()


def test_groups_have_rules_and_tags_go_there(house: House, account: str) -> None:
    admin = house.person("admin")
    (found,) = [one for one in admin.get("/v1/tag-accounts").json()["items"] if one["id"] == account]
    assert (found["tags_used"], found["tags_max"], found["met"], found["problem"]) == (0, 3000, False, None)
    put: dict[str, Any] = {"account_id": account, "group_name": "活动", "names": ["双十一", "年货节"]}
    assert admin.post("/v1/platform-tags", put).status_code == 202
    assert admin.post("/v1/platform-tags", put).json()["error"]["code"] == "tags_there"
    for more in ({"names": ["长" * 31]}, {"group_name": "组" * 16}, {"group_name": None}, {"names": []}):
        assert admin.post("/v1/platform-tags", {**put, **more}).status_code == 422, more
    (group,) = [one for one in admin.get("/v1/platform-tag-groups").json()["items"] if one["account_id"] == account]
    assert (group["name"], group["wins"], group["there"]) == ("活动", "last", False)
    assert [(one["tag"], one["status"]) for one in group["tags"]] == [("双十一", "wanted"), ("年货节", "wanted")]
    assert admin.patch(f"/v1/platform-tag-groups/{group['id']}", {"wins": "ours"}).status_code == 204
    assert admin.patch(f"/v1/platform-tag-groups/{group['id']}", {"wins": "nobody"}).status_code == 422
    assert admin.patch(f"/v1/platform-tag-groups/{account}", {"wins": "ours"}).status_code == 404
    assert admin.patch(f"/v1/tag-accounts/{account}", {"tags_max": 9}).status_code == 204
    assert admin.post(f"/v1/tag-accounts/{account}/read").status_code == 202
    assert admin.get("/v1/tag-conflicts").json() == {"items": [], "next": None}
    told = {row["action"] for row in admin.get("/v1/audit", limit=50).json()["items"]}
    assert {"platform_tags.added", "tag_group.changed", "platform_tags.limited", "platform_tags.read"} <= told


def test_nobody_without_the_right_changes_rules(house: House, account: str) -> None:
    assert house.person("finance").get("/v1/platform-tag-groups").status_code == 403
    region = house.person("north")
    assert region.get("/v1/platform-tag-groups").status_code == 200
    body = {"account_id": account, "group_name": "x", "names": ["y"]}
    assert region.post("/v1/platform-tags", body).status_code == 403
    assert region.post(f"/v1/tag-accounts/{account}/read").status_code == 403
