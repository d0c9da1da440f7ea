"""Credentials over the API: a value goes in and never comes out, and only who holds the right and the whole scope may touch one."""

from __future__ import annotations

from harness.house import House

VALUE = "tok-4711-secret"


def test_a_value_goes_in_and_never_comes_out(house: House) -> None:
    person = house.person("operator")
    body = {"host": "ERP.example.com", "value": VALUE, "note": "库存系统"}
    made = person.put("/v1/flow-secrets/erp", body)
    assert made.status_code == 200, made.text
    listed = person.get("/v1/flow-secrets")
    (one,) = listed.json()["items"]
    assert (one["name"], one["host"], one["note"], one["used_by"]) == ("erp", "erp.example.com", "库存系统", [])
    assert VALUE not in made.text + listed.text
    for wrong in ({**body, "value": "short"}, {**body, "host": "no host/"}, {"value": VALUE}):
        refused = person.put("/v1/flow-secrets/erp", wrong)
        assert refused.status_code == 422
        assert VALUE not in refused.text
        assert "short" not in refused.text.replace("too_short", "")
    assert person.put("/v1/flow-secrets/ERP", body).status_code == 422
    assert house.person("shop1").get("/v1/flow-secrets").status_code == 403
    assert house.person("shop1").put("/v1/flow-secrets/erp", body).status_code == 403
    assert person.delete("/v1/flow-secrets/erp").status_code == 204
    assert person.delete("/v1/flow-secrets/erp").status_code == 404
    assert person.get("/v1/flow-secrets").json()["items"] == []
