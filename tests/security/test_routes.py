"""Every route there is: guarded, refusing strangers and the unentitled without changing anything, and blind to other tenants."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest

from harness.addresses import likely
from harness.database import Database
from harness.house import PASSWORD, House, Person, open_house
from harness.rows import Table, loosen, make_row, tables
from tandem.access.http import CSRF_HEADER
from tandem.kernel.settings import Settings
from tandem.web import create_app
from tandem.web.routes import KnownRoute, known_routes

pytestmark = [pytest.mark.slow]

#: What anybody may call, and nothing else.
PUBLIC = {("GET", "/healthz"), ("POST", "/v1/session"), ("GET", "/v1/openapi.json"), ("GET", "/developers")}
PUBLIC |= {("POST", "/hooks/{connector}/{account}"), ("GET", "/hooks/{connector}/{account}")}
PUBLIC |= {("POST", "/v1/beacon"), ("OPTIONS", "/v1/beacon"), ("GET", "/beacon.js")}
PUBLIC |= {("POST", "/v1/beacon/popups"), ("OPTIONS", "/v1/beacon/popups"), ("GET", "/popups.js")}
PUBLIC |= {
    ("GET", "/r/{token}"),
    ("GET", "/r/{token}/file"),
    ("POST", "/r/{token}/seen"),
    ("GET", "/radar.js"),
    ("GET", "/i/{token}"),
}
PUBLIC |= {("GET", "/p/{token}")}
PUBLIC |= {("GET", "/v1/sidebar/entry/{account_id}"), ("POST", "/v1/sidebar/session")}
PUBLIC |= {("GET", "/v1/sign-in"), ("GET", "/v1/sign-in/{account_id}/begin"), ("POST", "/v1/sign-in/session")}
PUBLIC |= {("GET", "/v1/sign-in/{account_id}/members"), ("POST", "/v1/sign-in/{account_id}/members/{member}/code")}
#: An endless answer: tests/api/test_live.py reads it.
ENDLESS = {"/v1/live"}
SAFE = {"GET", "HEAD"}

ROUTES = list(known_routes(create_app(Settings())))
GUARDED = [route for route in ROUTES if (route.method, route.path) not in PUBLIC]


def _address(route: KnownRoute, value: object = None) -> str:
    return re.sub(r"\{[^}]+\}", str(value or uuid4()), route.path)


def _call(person: Person, route: KnownRoute, value: object = None, **headers: str) -> Any:
    body = None if route.method in SAFE else {}
    return person.send(route.method, _address(route, value), body, **headers)


def test_every_route_says_who_may_use_it() -> None:
    assert [route.path for route in ROUTES if route.guard is None] == []


def test_only_these_are_public_and_each_says_why() -> None:
    found = {(route.method, route.path) for route in ROUTES if route.guard and route.guard.permission == "public"}
    assert found == PUBLIC
    for route in ROUTES:
        if route.guard and route.guard.permission == "public":
            assert len(route.guard.reason or "") > 20


def test_every_permission_a_route_asks_can_be_given() -> None:
    known = {one.name for one in create_app(Settings()).state.permissions} | {"public", "signed-in"}
    assert {route.guard.permission for route in ROUTES if route.guard} - known == set()


def test_operations_have_ids_of_their_own() -> None:
    ids = [route.operation for route in ROUTES if route.in_schema]
    assert sorted({one for one in ids if ids.count(one) > 1}) == []
    assert [one for one in ids if not re.fullmatch(r"[a-z][a-z0-9_]*", one)] == []


@pytest.fixture(scope="module")
def furnished(databases: Any) -> Iterator[House]:
    """The house, with a row of company a in every table beside what the house needs itself."""
    database = databases.create()
    with open_house(database) as house:
        with database.connect() as owner:
            loosen(owner)
            for table in tables(owner):
                if table.name != "tenant":
                    given = {"customer_id": uuid4()} if "customer_id" in table.columns else {}
                    make_row(owner, table, house.a.id, **given)
        yield house
    databases.drop(database)


def _sums(database: Database, tenant: UUID | None = None) -> dict[str, str]:
    """A fingerprint of every table's rows (of one tenant, or all), but for what a mere look changes: the times of last use."""
    with database.connect() as owner:
        return {table.name: _sum(owner, table, tenant) for table in tables(owner)}


def _sum(owner: Any, table: Table, tenant: UUID | None) -> str:
    where = f"where {table.key} = '{tenant}'" if tenant else ""
    looked = "- 'last_seen_at' - 'last_used_at'"
    rows = owner.execute(f"select (to_jsonb(t) {looked})::text from {table.name} t {where} order by 1").fetchall()
    return hashlib.sha256(repr(rows).encode()).hexdigest()


@contextmanager
def _nothing_changes(database: Database, tenant: UUID | None = None) -> Iterator[None]:
    before = _sums(database, tenant)
    yield
    after = _sums(database, tenant)
    assert [name for name in before if before[name] != after[name]] == []


def test_strangers_get_nothing_and_change_nothing(furnished: House) -> None:
    stranger = furnished.stranger()
    with _nothing_changes(furnished.database):
        answers = {(route.method, route.path): _call(stranger, route).status_code for route in GUARDED}
    assert {key: status for key, status in answers.items() if status != 401} == {}


def test_somebody_without_any_role_gets_nothing_and_changes_nothing(furnished: House) -> None:
    admin = furnished.person("admin")
    admin.post("/v1/users", {"login": "nobody", "name": "Nobody", "password": PASSWORD})
    nobody = furnished.fresh("nobody")
    asked = [route for route in GUARDED if route.guard and route.guard.permission != "signed-in"]
    with _nothing_changes(furnished.database):
        answers = {(route.method, route.path): _call(nobody, route) for route in asked}
    assert {key: one.status_code for key, one in answers.items() if one.status_code != 403} == {}
    assert {one.json()["error"]["code"] for one in answers.values()} == {"forbidden"}


def test_no_change_goes_through_without_the_csrf_token(furnished: House) -> None:
    person = furnished.fresh("admin")
    person.csrf = ""
    unsafe = [route for route in GUARDED if route.method not in SAFE]
    with _nothing_changes(furnished.database):
        for route in unsafe:
            for headers in ({}, {CSRF_HEADER: "guess"}, {"Origin": "https://evil.example"}):
                answer = _call(person, route, **headers)
                assert (answer.status_code, answer.json()["error"]["code"]) == (403, "csrf"), route.path
    assert len(unsafe) >= 10


def _ids_of(database: Database, tenant: UUID) -> set[str]:
    """Every id that company a's rows carry, as text."""
    found: set[str] = set()
    with database.connect() as owner:
        for table in tables(owner):
            names = [name for name in table.columns if name == "id" or name.endswith("_id")]
            for name in names:
                rows = owner.execute(
                    f"select distinct {name}::text from {table.name} where {table.key} = %s and {name} is not null",
                    (tenant,),
                )
                found |= {row[0] for row in rows}
    return found - {""}


def test_lists_show_nothing_of_another_tenant(furnished: House) -> None:
    theirs = _ids_of(furnished.database, furnished.a.id)
    reader = furnished.person("b.admin")
    lists = [
        route for route in GUARDED if route.method == "GET" and "{" not in route.path and route.path not in ENDLESS
    ]
    for route in lists:
        answer = _call(reader, route)
        assert answer.status_code < 500, (route.path, answer.text[:300])
        shown = set(re.findall(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", answer.text))
        assert shown & theirs == set(), route.path
    assert len(lists) >= 8


def test_another_tenants_things_can_be_neither_read_nor_changed_by_their_id(furnished: House) -> None:
    theirs = sorted(one for one in _ids_of(furnished.database, furnished.a.id) if re.fullmatch(r"[0-9a-f-]{36}", one))
    reader = furnished.person("b.admin")
    named = [route for route in GUARDED if "{" in route.path and route.path not in ENDLESS]
    things = _things_of(furnished.database, furnished.a.id)
    wrong: list[tuple[str, str, int]] = []
    with _nothing_changes(furnished.database, furnished.a.id):
        for route in named:
            for value in {*likely(route.path, things), theirs[len(theirs) // 2]}:
                answer = _call(reader, route, value)
                if answer.status_code >= 500 or (answer.status_code < 300 and not _empty(answer)):
                    wrong.append((route.method, route.path, answer.status_code))
    assert sorted(set(wrong)) == []


def _things_of(database: Database, tenant: UUID) -> dict[str, list[str]]:
    """The ids of a company's rows by table."""
    with database.connect() as owner:
        return {
            table.name: [
                row[0] for row in owner.execute(f"select id::text from {table.name} where {table.key} = %s", (tenant,))
            ]
            for table in tables(owner)
            if "id" in table.columns
        }


def _empty(answer: Any) -> bool:
    """An answer that says nothing: no content, or an empty page."""
    if answer.status_code == 204 or not answer.content:
        return True
    body = answer.json() if answer.headers["content-type"].startswith("application/json") else {"text": answer.text}
    return body in ({"items": [], "next": None}, {"items": []})
