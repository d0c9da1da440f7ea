"""D10: a customer's data is handed over or erased on request, with proof, and the next import does not bring her back."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from town import Town, member, ok, order

from harness.house import Person

PHONE = {"kind": "phone", "value": "13710100001"}


def request(town: Town, kind: str, customer: str) -> dict[str, Any]:
    """Filed by one, approved by another, carried out in the background."""
    body = {"kind": kind, "customer_id": customer, "reason": "asked at the counter, with her card"}
    made = ok(town.person("operator").post("/v1/rights-requests", body))
    path = f"/v1/rights-requests/{made['id']}"
    assert town.person("operator").post(f"{path}/approve").status_code == 403
    admin = town.person("admin")
    ok(admin.post(f"{path}/approve"))
    ends = {"done", "failed"}
    return town.until(lambda: one if (one := ok(admin.get(path)))["status"] in ends else None, f"{kind} is done")


def found(who: Person, card: str) -> list[str]:
    return [one["id"] for one in ok(who.get("/v1/customers", q=card))["items"]]


def test_d10_her_data_is_handed_over_then_erased_with_proof(commons: Town) -> None:
    town, admin = commons, commons.person("admin")
    kind, payload = member("D10", "何小十")
    payload["identifiers"].append(PHONE)
    town.tell((kind, payload), order("D10-1", "MD10", town.ago(days=3), total="88.00"), mode="backfill")
    (customer,) = town.until(lambda: found(admin, "MD10"), "she is known")
    town.until(
        lambda: (ok(admin.get(f"/v1/customers/{customer}"))["profile"] or {}).get("order_count") == 1, "it counts"
    )
    handed = request(town, "export", customer)
    archive = zipfile.ZipFile(io.BytesIO(admin.get(f"/v1/rights-requests/{handed['id']}/file").content))
    data = json.loads(archive.read("data.json"))
    assert data["customer"][0]["name"] == "何小十"
    assert data["sales_order"][0]["external_id"] == "OD10-1"
    erased = request(town, "erase", customer)
    assert (erased["status"], erased["genuine"]) == ("done", True)
    assert erased["receipt"]["rows"]["customer"] == {"deleted": 1}
    assert erased["receipt"]["keys_destroyed"] == 1
    assert erased["receipt"]["rows"]["sales_order"] == {"unnamed": 1}, "the amount stays, the person does not"
    assert admin.get(f"/v1/customers/{customer}").status_code == 404
    assert admin.get(f"/v1/rights-requests/{handed['id']}/file").status_code == 404, "the copy made before is gone too"
    assert ok(admin.get("/v1/orders", q="OD10-1"))["items"][0]["total"]["amount"] == "88.00"
    town.tell((kind, payload), mode="backfill", source="old-file")
    town.tell(member("D10-after", "何小云"), mode="backfill")
    town.until(lambda: found(admin, "MD10-after"), "what was told later has come in")
    assert found(admin, "MD10") == []
