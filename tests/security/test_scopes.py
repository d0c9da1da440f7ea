"""Data scopes through the API: whoever sees one shop, or only their own customers, learns nothing of anybody else's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from harness.addresses import likely
from harness.house import House, open_house
from harness.rows import loosen, make_row, tables
from tandem.kernel.ids import bucket_of, new_id
from tandem.kernel.schema import Base, info_of
from tandem.kernel.settings import Settings
from tandem.web import create_app
from tandem.web.routes import KnownRoute, known_routes

pytestmark = [pytest.mark.slow]

LISTS = [
    route
    for route in known_routes(create_app(Settings()))
    if route.method == "GET" and "{" not in route.path and route.path != "/v1/live"
]
NAMED = [route for route in known_routes(create_app(Settings())) if "{" in route.path]
OWNED = {name for name, table in Base.metadata.tables.items() if info_of(table)["kind"] in {"customer", "subject"}}
UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
#: A shop manager, an agent with customers of their own, a regional manager; all of them away from shop 3.
PEOPLE = ("shop1", "agent", "north")


@dataclass
class Elsewhere:
    """A house in which one customer of shop 3, in the south, has a row in every table; `ids` is all that names them."""

    house: House
    customer: str
    ids: set[str]
    things: dict[str, list[str]]
    """Her rows' ids by table."""

    def likely(self, path: str) -> set[str]:
        """The customer, and those of her things that an address is most likely about."""
        return {self.customer, *likely(path, self.things, tables=4)}


@pytest.fixture(scope="module")
def elsewhere(databases: Any) -> Iterator[Elsewhere]:
    database = databases.create()
    customer, adviser = new_id(), uuid4()
    ids = {str(customer)}
    things: dict[str, list[str]] = {}
    with open_house(database) as house:
        with database.connect() as owner:
            loosen(owner)
            for table in tables(owner):
                if table.name not in OWNED:
                    continue
                row_id = customer if table.name == "customer" else new_id()
                given = {
                    "id": row_id,
                    "bucket": bucket_of(customer),
                    "customer_id": customer,
                    "origin_id": customer,
                    "store_id": house.a.units["s3"],
                    "owner_user_id": adviser,
                }
                make_row(owner, table, house.a.id, **{key: one for key, one in given.items() if key in table.columns})
                if "id" in table.columns:
                    ids.add(str(row_id))
                    things[table.name] = [str(row_id)]
                if "run_id" in table.columns:
                    ids |= {
                        str(row[0])
                        for row in owner.execute(f"select run_id from {table.name} where run_id is not null")
                    }
        yield Elsewhere(house, str(customer), ids, things)
    databases.drop(database)


def _sum(elsewhere: Elsewhere) -> list[Any]:
    with elsewhere.house.database.connect() as owner:
        return [
            owner.execute(f"select to_jsonb(t)::text from {table.name} t order by 1").fetchall()
            for table in tables(owner)
            if table.name in OWNED
        ]


@pytest.mark.parametrize("login", PEOPLE)
def test_lists_show_nobody_of_another_shop(elsewhere: Elsewhere, login: str) -> None:
    person = elsewhere.house.person(login)
    answered = 0
    for route in LISTS:
        answer = person.get(route.path, **({"q": "elsewhere"} if route.path == "/v1/search" else {}))
        assert answer.status_code < 500, (route.path, answer.text[:300])
        answered += answer.status_code == 200
        assert set(UUID_TEXT.findall(answer.text)) & elsewhere.ids == set(), route.path
    assert answered >= 5


@pytest.mark.parametrize("login", PEOPLE)
def test_nobody_of_another_shop_can_be_looked_up_or_changed(elsewhere: Elsewhere, login: str) -> None:
    person = elsewhere.house.person(login)
    before = _sum(elsewhere)
    wrong: set[tuple[str, str, int]] = set()
    for route in NAMED:
        for value in elsewhere.likely(route.path):
            answer = person.send(route.method, _address(route, value), None if route.method == "GET" else {})
            shown = set(UUID_TEXT.findall(answer.text)) & elsewhere.ids - {value}
            told = answer.status_code == 200 and route.method == "GET" and _says_something(answer)
            if answer.status_code >= 500 or shown or told:
                wrong.add((route.method, route.path, answer.status_code))
    assert sorted(wrong) == []
    assert _sum(elsewhere) == before


def _says_something(answer: Any) -> bool:
    body = answer.json() if answer.headers["content-type"].startswith("application/json") else answer.text
    return body not in ({"items": [], "next": None}, {"items": []})


def _address(route: KnownRoute, value: str) -> str:
    return re.sub(r"\{[^}]+\}", value, route.path)


def test_whoever_sees_everything_sees_them(elsewhere: Elsewhere) -> None:
    """Otherwise the tests above would also pass on an empty house."""
    admin = elsewhere.house.person("admin")
    seen = {route.path for route in LISTS if set(UUID_TEXT.findall(admin.get(route.path).text)) & elsewhere.ids}
    assert seen >= {"/v1/orders"}, seen
