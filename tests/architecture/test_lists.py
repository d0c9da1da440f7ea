"""Does every list come in pages, in an order that stays, no longer than a bound; and does every writing route take an idempotency key?"""

from __future__ import annotations

from typing import Any

import pytest

from tandem.access.paging import LONG_LIMIT_MAX
from tandem.kernel.settings import Settings
from tandem.web import create_app
from tandem.web.idempotency import EXEMPT, takes_key
from tandem.web.openapi import describe
from tandem.web.routes import known_routes

#: What platforms and strangers' pages call: they know no such header, and the record's own number makes redelivery harmless.
HOOKS = ("/hooks/", "/r/")
#: Answers that hold `items` and are no list of stored rows, and why they need no cursor.
NOT_PAGED = {
    "/v1/flows/kinds": "the blocks of this installation, from its source",
    "/v1/message-templates/placeholders": "the placeholders of this installation, from its catalog",
    "/v1/messages/states": "one count for each of eight states",
    "/v1/settings/retention": "one row for each kind of data that is kept for a time, from the source",
    "/v1/duplicates/alike": "one row for each of the fifty kinds of evidence that wait most often",
    "/v1/imports/sources": "one row for each of the hundred sources that came last",
    "/v1/search": "the best few of each kind, never more",
}


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return describe(create_app(Settings()))


def _lists(described: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for path, operations in described["paths"].items():
        operation = operations.get("get", {})
        content = operation.get("responses", {}).get("200", {}).get("content", {}).get("application/json", {})
        schema = content.get("schema", {})
        whole = described["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], schema)
        if whole.get("type") == "array" or "items" in whole.get("properties", {}):
            found[path] = {"operation": operation, "schema": whole}
    return found


def test_every_list_pages_by_cursor_up_to_a_bound(described: dict[str, Any]) -> None:
    wrong: list[str] = []
    lists = _lists(described)
    assert len(lists) > 20
    for path, one in lists.items():
        given = {parameter["name"]: parameter["schema"] for parameter in one["operation"].get("parameters", [])}
        paged = "cursor" in given and "next" in one["schema"].get("properties", {})
        bounded = 1 <= given.get("limit", {}).get("maximum", 0) <= LONG_LIMIT_MAX and given["limit"]["minimum"] == 1
        if path in NOT_PAGED:
            assert not paged, f"{path} pages now: take it off the list"
        elif not (paged and bounded):
            wrong.append(path)
    assert wrong == []


def test_every_writing_route_takes_an_idempotency_key() -> None:
    app = create_app(Settings())
    layers = [layer.cls.__name__ for layer in app.user_middleware]  # type: ignore[attr-defined]
    assert "Idempotency" in layers
    writing = [route for route in known_routes(app) if route.method not in {"GET", "HEAD", "OPTIONS"}]
    ours = [route for route in writing if not route.path.startswith(HOOKS)]
    left_out = {route.path for route in ours if not takes_key(route.method, route.path)}
    assert left_out == set(EXEMPT)
    assert all(len(reason) > 20 for reason in EXEMPT.values())
