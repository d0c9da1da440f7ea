"""Lists by whole filter, and what a comparison's region is good for: found on the list, kept as a list, taken out as a file."""

from __future__ import annotations

from typing import Any

import pytest

from api.test_customers import make, work
from api.test_segment_looks import live, members, new_list
from harness.house import House, Person
from tandem.access.service import assign_role
from tandem.domains.exports import work as exports
from tandem.kernel.db import begin
from tandem.kernel.jobs import run_next
from tandem.stream.segment import bulk


def start(house: House, person: Person, segment: str, filters: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = person.post(f"/v1/segments/{segment}/bulk-entries", {"filters": filters, **more})
    assert answer.status_code == 202, answer.text
    while run_next(house.db, {bulk.JOB_KIND: bulk.handler}):
        pass
    work(house.db, house.a.id)
    return person.get(f"/v1/segments/bulk-entries/{answer.json()['id']}").json()


def test_everybody_a_filter_finds_is_put_on_a_list_and_taken_off(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "PAGE_CUSTOMERS", 2)
    here = {str(make(house, city="批城").id) for _ in range(5)}
    there = make(house, city="别城")
    admin = house.person("admin")
    segment = new_list(house, admin, "批量名单")
    done = start(house, admin, segment, {"city": "批城"})
    assert (done["state"], done["done"], done["total"], done["changed"]) == ("done", 5, 5, 5)
    assert members(admin, segment) == here
    assert start(house, admin, segment, {"city": "批城"})["changed"] == 0, "they are on it"
    # Its own filter shrinks as it works; nobody is skipped for that.
    assert start(house, admin, segment, {"segment_id": segment}, remove=True)["changed"] == 5
    assert members(admin, segment) == set()
    trail = admin.get("/v1/audit", entity_id=segment).json()["items"]
    assert {one["action"] for one in trail} >= {"segment.entries_added", "segment.entries_removed"}
    assert str(there.id) not in members(admin, segment)


def test_nobody_changes_more_than_they_see(house: House) -> None:
    near, far = make(house, store="s1", city="批店"), make(house, store="s3", city="批店")
    admin = house.person("admin")
    segment = new_list(house, admin, "店名单")
    role = admin.post("/v1/roles", {"name": "lister", "permissions": ["segment.*"]}).json()
    with house.db.connection("owner") as connection:
        assign_role(begin(connection, tenant=house.a.id), house.a.people["shop1"], role["code"])
    shop = house.fresh("shop1")
    assert start(house, shop, segment, {"city": "批店"})["changed"] == 1
    assert members(admin, segment) == {str(near.id)}
    assert start(house, shop, segment, {"q": far.phone})["changed"] == 0
    refused = house.person("finance").post(f"/v1/segments/{segment}/bulk-entries", {"filters": {}})
    assert refused.status_code == 403
    open_job = admin.post(f"/v1/segments/{segment}/bulk-entries", {"filters": {"city": "无"}}).json()["id"]
    assert shop.get(f"/v1/segments/bulk-entries/{open_job}").status_code == 404
    again = admin.post(f"/v1/segments/{segment}/bulk-entries", {"filters": {"city": "无"}})
    assert again.json()["error"]["code"] == "list_busy"
    while run_next(house.db, {bulk.JOB_KIND: bulk.handler}):
        pass
    followed = live(house, admin, "按条件的批", "customer.city = '批条'")
    answer = admin.post(f"/v1/segments/{followed}/bulk-entries", {"filters": {}})
    assert answer.json()["error"]["code"] == "segment_no_list"


def test_a_region_of_a_comparison_is_looked_at_kept_and_taken_out(house: House) -> None:
    people = {name: make(house, city=f"域{name}") for name in ("a", "b", "ab")}
    admin = house.person("admin")
    left = live(house, admin, "域左", "customer.city = '域a' or customer.city = '域ab'")
    right = live(house, admin, "域右", "customer.city = '域b' or customer.city = '域ab'")

    def found(region: str) -> set[str]:
        return {one["id"] for one in admin.get("/v1/customers", region=region).json()["items"]}

    assert found(f"{left}!{right}") == {str(people["a"].id)}
    assert found(f"{left},{right}") == {str(people["ab"].id)}
    for wrong in ("", "x", f"!{left}", ",".join([left] * 6)):
        if wrong:
            assert admin.get("/v1/customers", region=wrong).status_code == 422
    kept = new_list(house, admin, "只在左")
    assert start(house, admin, kept, {"region": f"{left}!{right}"})["changed"] == 1
    assert members(admin, kept) == {str(people["a"].id)}
    asked = {"list": "customers", "filters": {"region": f"{left}!{right}"}}
    made = admin.post("/v1/exports", asked).json()
    while run_next(house.db, {exports.JOB_KIND: exports.handler}):
        pass
    lines = admin.get(f"/v1/exports/{made['id']}/file").content.decode("utf-8-sig").strip().splitlines()
    assert len(lines) == 2
    assert people["a"].phone[-4:] in lines[1]
    assert admin.post("/v1/exports", {**asked, "filters": {"region": "x"}}).status_code == 422
