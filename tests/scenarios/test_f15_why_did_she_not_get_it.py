"""F15: why did this customer get, or not get, this message: the whole way with each condition's values."""

from __future__ import annotations

from town import Town, block, draw_and_publish, graph, member, ok


def test_f15_why_she_got_it_and_why_she_did_not(fair: Town) -> None:
    who, town = fair.person("marketing"), fair
    town.tell(member(1500, name="甲"), member(1501, name="乙", city="成都"), member(1502, name="丙"))
    template = ok(who.post("/v1/message-templates", {"name": "F15", "body": "{{customer.name}}，欢迎"}))["id"]
    start = block(
        "start",
        "start.event",
        event_type="behaviour.recorded",
        condition="event.name = 'f15' and customer.city = '上海'",
    )
    drawn = graph(
        [start, block("hi", "messaging.send", template=template), block("exit", "flow.exit")],
        ["start.entered>hi", "hi.sent>exit", "hi.held>exit", "hi.skipped>exit"],
    )
    flow = draw_and_publish(who, "F15", drawn)

    def known(number: int) -> str:
        (found,) = town.until(lambda: ok(who.get("/v1/customers", q=f"M{number}"))["items"], "she is known")
        return str(found["id"])

    ids = {number: known(number) for number in (1500, 1501, 1502)}
    ok(who.patch(f"/v1/customers/{ids[1502]}", {"do_not_contact": True}))
    at = town.ago(minutes=1)
    town.tell(
        *(
            ("behaviour", {"name": "f15", "identifiers": [{"kind": "member_no", "value": f"M{n}"}], "at": at})
            for n in ids
        )
    )
    town.until(lambda: ok(who.get(f"/v1/flows/{flow}/stats"))["goal"]["entered"] == 2, "two of three enter")

    def why(number: int) -> dict:
        return town.until(
            lambda: (got := ok(who.get(f"/v1/customers/{ids[number]}/why/{flow}"))) and got["tries"][0]["at"] and got,
            "seen",
        )

    got, refused, muted = why(1500), why(1501), why(1502)
    assert got["tries"][0]["code"] == "entered"
    assert [(one["outcome"], one["text"]) for one in got["runs"][0]["effects"]] == [("sent", "甲，欢迎")]
    assert refused["tries"][0]["code"] == "condition"
    city = refused["tries"][0]["condition"]["parts"][1]
    assert (city["holds"], city["values"][0]["value"]) == (False, "成都")
    # Nobody reads a formula to learn why.
    assert (city["plain"]["zh"], city["values"][0]["plain"]["zh"]) == ("客户的城市是“上海”", "客户的城市")
    assert refused["runs"] == []
    assert [(one["outcome"], one["reason"]) for one in muted["runs"][0]["effects"]] == [("skipped", "do_not_contact")]
    assert muted["bars"]

    run = ok(who.get(f"/v1/runs/{got['runs'][0]['id']}"))
    assert run["entry"]["holds"]
    assert [one["values"][0]["value"] for one in run["entry"]["parts"]] == ["f15", "上海"]
    assert run["effects"][0]["title"] == "F15"
