"""J05: the tag "28 weeks pregnant" appears by itself on its day, sends the hospital-bag guide and a course, and leaves on its day:
all of it installed from the gallery."""

from __future__ import annotations

from datetime import timedelta

from town import Town, member, ok, shop

LAST_PERIOD = "末次月经"


def tags(town: Town, customer: str) -> list[str]:
    return [one["tag"] for one in ok(town.person("marketing").get(f"/v1/customers/{customer}"))["tags"]]


def test_j05_the_tag_comes_and_goes_on_its_days(town: Town) -> None:
    who = town.person("marketing")
    # Weeks are counted by the calendar's days: the hour that is moved beside them must not lead into another one.
    town.leave_the_evening()
    town.tell(*shop("奶粉"), member(1, "王芳"))
    at = (town.now - timedelta(days=28 * 7 - 2)).isoformat()
    told = {"name": LAST_PERIOD, "identifiers": [{"kind": "member_no", "value": "M1"}], "at": at}
    town.tell(("behaviour", told), mode="backfill")
    install = "/v1/gallery/templates/pregnancy-28/install"
    flow = ok(who.post(install, {"name": "孕28周关怀", "language": "zh", "answers": {}}))["flow_id"]
    (rule,) = [one for one in ok(who.get("/v1/tags"))["items"] if one["name"] == "孕28周"]
    assert rule["kind"] == "computed"
    ok(who.post(f"/v1/flows/{flow}/publish", {"running": "stay"}))
    customer = town.until(lambda: ok(who.get("/v1/customers", q="M1"))["items"], "she is known")[0]["id"]
    assert tags(town, customer) == []
    town.move(days=1)
    assert tags(town, customer) == []
    town.move(days=1, hours=1)
    town.until(lambda: tags(town, customer) == ["孕28周"], "the tag comes on its day")
    (sent,) = town.until(lambda: ok(who.get("/v1/messages", state="sent"))["items"], "the guide is sent")
    assert sent["customer_id"] == customer
    town.move(days=6)
    assert tags(town, customer) == ["孕28周"]
    town.until(lambda: len(ok(who.get("/v1/messages", state="sent"))["items"]) == 2, "three days later the course")
    town.move(days=1)
    town.until(lambda: tags(town, customer) == [], "the tag leaves on its day")
