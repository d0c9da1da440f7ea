"""F05: the order of steps is rearranged, and the conversion before and after is compared."""

from __future__ import annotations

from town import Town, block, draw_and_publish, graph, member, ok

DAY = {"amount": "1", "unit": "days"}


def test_f05_before_and_after_stand_side_by_side(fair: Town) -> None:
    who, town = fair.person("marketing"), fair
    town.tell(*(member(n) for n in range(500, 508)))
    start = block("start", "start.event", event_type="behaviour.recorded", condition="event.name = 'f05'")
    first, second = (block(name, "marketing.add_points", points=1, reason=name) for name in ("trial", "replay"))
    wait, leave = block("wait", "wait.duration", span=DAY), block("exit", "flow.exit")
    goal = {"event_type": "behaviour.recorded", "condition": "event.name = 'f05-course'", "name": "正课"}
    blocks = [start, first, second, wait, leave]
    arrows = ["start.entered>trial", "trial.done>replay", "replay.done>wait", "wait.done>exit"]
    flow = draw_and_publish(who, "F05", graph(blocks, arrows, goal=goal))

    def told(name: str, *numbers: int) -> None:
        at = town.ago(seconds=1)
        ids = ([{"kind": "member_no", "value": f"M{n}"}] for n in numbers)
        town.tell(*(("behaviour", {"name": name, "identifiers": one, "at": at}) for one in ids))

    def reached(entered: int, converted: int) -> bool:
        goal = ok(who.get(f"/v1/flows/{flow}/stats"))["goal"]
        return (goal["entered"], goal["converted"]) == (entered, converted)

    told("f05", 500, 501, 502, 503)
    town.until(lambda: reached(4, 0), "four enter the first order")
    told("f05-course", 500)
    town.until(lambda: reached(4, 1), "one takes the course")
    turned = ["start.entered>replay", "replay.done>trial", "trial.done>wait", "wait.done>exit"]
    now = ok(who.get(f"/v1/flows/{flow}"))
    ok(who.put(f"/v1/flows/{flow}/draft", {"graph": graph(blocks, turned, goal=goal), "etag": now["etag"]}))
    ok(who.post(f"/v1/flows/{flow}/publish", {"running": "stay"}))
    told("f05", 504, 505, 506, 507)
    town.until(lambda: reached(8, 1), "four enter the second order")
    told("f05-course", 504, 505, 506)
    town.until(lambda: reached(8, 4), "three take the course")

    found = ok(who.get(f"/v1/flows/{flow}/compare", first_version=1, second_version=2))
    assert [
        (found[side]["treated"]["entered"], found[side]["treated"]["converted"]) for side in ("first", "second")
    ] == [(4, 1), (4, 3)]
    assert found["difference"]["difference"] == 0.5
    # Four people each say nothing yet, and that is said.
    assert found["difference"]["word"] == "too_few"
    assert {one["block"]: one["passed"] for one in found["second"]["blocks"]}["replay"] == 4
    people = ok(who.get(f"/v1/flows/{flow}/counted", what="converted"))["items"]
    assert len(people) == 4
    assert len(ok(who.get(f"/v1/flows/{flow}/counted", what="passed", block="trial", port="done"))["items"]) == 8
