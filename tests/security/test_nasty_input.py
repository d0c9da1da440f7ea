"""Every text, number and date of every route, fed with what breaks software: stored as it came, or refused with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from uuid import uuid4

import pytest

from harness.database import Database
from harness.house import House, open_house
from tandem.kernel.settings import Settings
from tandem.web import create_app
from tandem.web.openapi import describe
from tandem.web.routes import known_routes

pytestmark = [pytest.mark.slow]

APP = create_app(Settings())
#: Endings of sessions and of oneself would end the test; the live stream never ends.
SKIPPED = {"/v1/session", "/v1/me/password", "/v1/live"}
ROUTES = [route for route in known_routes(APP) if route.in_schema and route.path not in SKIPPED]

TEXTS = {
    "sql": "x'); drop table staff_user; --",
    "sql_identifier": 'x"; delete from tenant; --',
    "like": "%_\\%",
    "format": "%(tenant)s %s {0} ${x} {{customer.name}}",
    "emoji": "👨‍👩‍👧‍👦🍼🈵𠮷\u202e\u200b",
    "formula": '=cmd|"/c calc"!A1',
    "path": "../../../../etc/passwd",
    "html": "<script>alert(1)</script>",
    "long": "长" * 100_000,
    "year_9999": "9999-12-31T23:59:59.999999Z",
    "year_1": "0001-01-01T00:00:00Z",
    "number_text": "-1e308",
    "empty": "",
    "space": " \t\r\n\u3000",
}
NUMBERS = {"sql": -1, "like": 10**18, "format": 2**63, "emoji": -(2**63) - 1, "long": 10**40, "year_9999": 0}


@cache
def described() -> dict[str, Any]:
    """The API's description: a second of a core, which workers that run other files save."""
    return describe(APP)


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return described()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _made(schema: dict[str, Any], leaf: Callable[[dict[str, Any]], Any], depth: int = 0) -> Any:
    """A value of the schema's shape; `leaf` fills what is not an object or a list."""
    one = _resolved(schema)
    if depth > 5:
        return None
    choices = one.get("anyOf") or one.get("oneOf") or one.get("allOf")
    if choices:
        return _made(choices[0], leaf, depth + 1)
    if one.get("type") == "array":
        return [_made(one.get("items", {}), leaf, depth + 1)]
    if one.get("type") == "object" or "properties" in one:
        made = {name: _made(part, leaf, depth + 1) for name, part in one.get("properties", {}).items()}
        return made or {"key": leaf({"type": "string"})}
    return leaf(one)


def _nasty(nasty: str) -> Callable[[dict[str, Any]], Any]:
    """Something nasty in every leaf that takes it."""

    def leaf(one: dict[str, Any]) -> Any:
        kind = one.get("type")
        if "const" in one or "enum" in one:
            return one.get("const", one.get("enum", [None])[0])
        if kind in {"integer", "number"}:
            return NUMBERS.get(nasty, 1)
        if kind == "boolean":
            return True
        return str(uuid4()) if one.get("format") == "uuid" else TEXTS[nasty]

    return leaf


def _takes(one: dict[str, Any]) -> bool:
    """Whether a leaf takes what people write; choices, truth values and ids are made up the same either way."""
    return not ("const" in one or "enum" in one or one.get("type") == "boolean" or one.get("format") == "uuid")


def _plain(one: dict[str, Any]) -> Any:
    """Something ordinary."""
    kind = one.get("type")
    if "const" in one or "enum" in one:
        return one.get("const", one.get("enum", [None])[0])
    if kind in {"integer", "number"}:
        return max(1, one.get("minimum", 1))
    if kind == "boolean":
        return True
    by_format = {"uuid": str(uuid4()), "date-time": "2030-01-02T03:04:05Z", "date": "2030-01-02", "time": "09:00:00"}
    if one.get("pattern", "").startswith("^(\\*|"):
        return "audit.read"
    return by_format.get(one.get("format", ""), "abc" * max(1, one.get("minLength", 1)))


def _one_nasty(schema: dict[str, Any], nasty: str) -> Iterator[Any]:
    """The ordinary value with one leaf after the other made nasty, of those that this is nasty for."""
    leaves: list[dict[str, Any]] = []
    _made(schema, leaves.append)
    changed = [place for place, one in enumerate(leaves) if _takes(one) and _nasty(nasty)(one) != _plain(one)]
    for chosen in changed[:40]:
        at = iter(range(len(leaves)))
        yield _made(schema, lambda one: _nasty(nasty)(one) if next(at) == chosen else _plain(one))  # noqa: B023


def _parameters(operation: dict[str, Any], nasty: str) -> dict[str, Any]:
    return {
        one["name"]: _made(one["schema"], _nasty(nasty))
        for one in operation.get("parameters", [])
        if one["in"] == "query" and one["name"] != "cursor"
    }


@pytest.fixture(scope="module")
def house(module_database: Database) -> Iterator[House]:
    with open_house(module_database, audited=False) as made:
        yield made


@pytest.mark.parametrize("nasty", sorted(TEXTS))
def test_nothing_breaks_and_every_refusal_says_where(house: House, nasty: str) -> None:
    admin = house.person("admin")
    broken: list[tuple[str, str, int, str]] = []
    for route in ROUTES:
        operation = described()["paths"][route.path][route.method.lower()]
        path = re.sub(r"\{[^}]+\}", str(uuid4()), route.path)
        content = operation.get("requestBody", {}).get("content", {})
        body = _made(content["application/json"]["schema"], _nasty(nasty)) if "application/json" in content else None
        params = {key: one for key, one in _parameters(operation, nasty).items() if len(str(one)) < 5000}
        if not body and not params and nasty != min(TEXTS):
            continue  # nothing can be nasty here: asked once, and with nonsense in its address below
        answer = admin.client.request(
            route.method,
            path,
            params=params,
            json=body,
            headers={"X-CSRF-Token": admin.csrf},
        )
        if answer.status_code >= 500 or (answer.status_code == 422 and not _has_place(answer)):
            broken.append((route.method, route.path, answer.status_code, answer.text[:200]))
    assert broken == []
    with house.database.connect() as owner:
        assert owner.execute("select count(*) from staff_user").fetchone() != (0,)


@pytest.mark.parametrize("nasty", ["sql", "emoji", "format", "formula", "year_9999", "number_text", "long"])
def test_one_nasty_value_among_ordinary_ones(house: House, nasty: str) -> None:
    """A single odd value gets further in than a body full of them."""
    admin = house.person("admin")
    broken: set[tuple[str, str, int, str]] = set()
    for route in ROUTES:
        content = described()["paths"][route.path][route.method.lower()].get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            continue
        for body in _one_nasty(content["application/json"]["schema"], nasty):
            path = re.sub(r"\{[^}]+\}", str(uuid4()), route.path)
            answer = admin.send(route.method, path, body)
            if answer.status_code >= 500 or (answer.status_code == 422 and not _has_place(answer)):
                broken.add((route.method, route.path, answer.status_code, answer.text[:200]))
    assert sorted(broken) == []


def _has_place(answer: Any) -> bool:
    error = answer.json()["error"]
    return bool(error["message"]["zh"] and error["message"]["en"]) and (
        bool(error["details"]) or error["code"] != "invalid_input"
    )


@pytest.mark.parametrize("nasty", ["sql", "emoji", "long", "year_9999", "empty", "path"])
def test_nonsense_in_the_address_is_not_found_or_refused(house: House, nasty: str) -> None:
    admin = house.person("admin")
    text = TEXTS[nasty][:2000] or " "
    for route in ROUTES:
        if "{" not in route.path:
            continue
        path = re.sub(r"\{[^}]+\}", lambda _match: _quoted(text), route.path)
        answer = admin.client.request(
            route.method, path, json={} if route.method != "GET" else None, headers={"X-CSRF-Token": admin.csrf}
        )
        assert answer.status_code in {400, 404, 405, 409, 422} or answer.status_code < 300, (route.path, answer.text)


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())
