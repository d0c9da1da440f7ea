"""What the visual builder reads, and what it is told about an expression while it is being written."""

from harness.flows import block, graph
from harness.house import House


def test_the_catalog_tells_names_in_both_languages(house: House) -> None:
    catalog = house.person("marketing").get("/v1/catalog").json()
    customer = next(one for one in catalog["entities"] if one["name"] == "customer")
    city = next(one for one in customer["fields"] if one["name"] == "city")
    assert city["label"] == {"zh": "城市", "en": "City"}
    assert city["type"] == "text"
    assert {one["name"] for one in catalog["memberships"]} >= {"tags", "segments"}
    assert "order.paid" in {one["name"] for one in catalog["event_types"]}
    assert "between" in catalog["operators"]["number"]


def test_a_sound_expression_comes_with_its_tree_and_meaning(house: House) -> None:
    person = house.person("marketing")
    answer = person.post("/v1/expressions/check", {"text": "customer.city = '上海' and has_tag('沉睡')"}).json()
    assert answer["ok"] is True
    assert answer["type"] == "bool"
    assert answer["tree"]["kind"] == "and"
    assert "上海" in answer["plain"]["zh"]
    assert answer["depends"]["tags"] == ["沉睡"]
    again = person.post("/v1/expressions/check", {"tree": answer["tree"]}).json()
    assert again["text"] == answer["text"]


def test_a_formula_may_give_anything(house: House) -> None:
    """Forms of blocks that keep or send a value ask for a result of "any" type."""
    answer = house.person("marketing").post("/v1/expressions/check", {"text": "customer.city", "returns": "any"})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["ok"], answer.json()["type"]) == (True, "text")


def test_a_formula_of_a_flow_reads_what_its_runs_keep(house: House) -> None:
    person = house.person("marketing")
    drawn = graph(
        [
            block("start", "start.event", event_type="order.paid"),
            block("kept", "flow.remember", values=[{"name": "floor", "type": "number", "value": "100"}]),
        ],
        ["start.entered>kept"],
    )
    flow = person.post("/v1/flows", {"name": "门槛", "graph": drawn}).json()["id"]
    asked = {
        "text": "customer.spend_total >= run.floor",
        "scope": {"customer": "customer", "run": f"flow.{flow.replace('-', '')}"},
    }
    assert person.post("/v1/expressions/check", asked).json()["ok"] is True
    answer = person.post("/v1/expressions/check", asked | {"text": "run.flor > 1"}).json()
    assert answer["errors"][0]["suggestion"] == "run.floor"
    assert house.person("finance").post("/v1/expressions/check", asked).json()["ok"] is False
    assert person.post("/v1/expressions/check", asked | {"scope": {"run": "flow.x"}}).status_code == 422


def test_a_mistake_is_an_answer_with_its_place_and_the_nearest_name(house: House) -> None:
    answer = house.person("marketing").post("/v1/expressions/check", {"text": "customer.citty = '上海'"})
    assert answer.status_code == 200
    found = answer.json()
    assert found["ok"] is False
    assert found["tree"]["kind"] == "compare", "what parses can still be shown as a form"
    (mistake,) = found["errors"]
    assert found["text"][mistake["start"] : mistake["end"]].endswith("citty")
    assert "city" in mistake["suggestion"]


def test_an_unknown_scope_is_refused_with_its_name(house: House) -> None:
    answer = house.person("marketing").post(
        "/v1/expressions/check", {"text": "true", "scope": {"event": "order.payed"}}
    )
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "unknown_scope"
