"""Two tenants with people in every role, behind the real HTTP application."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any
from uuid import UUID

from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from httpx import Response

from harness.asgi import Browser, TestClient
from harness.database import Database as TestDatabase
from harness.hashing import weaken
from tandem.access.service import assign_role, create_org_unit, create_tenant, create_user
from tandem.kernel.crypto import MasterKey
from tandem.kernel.db import Database, begin
from tandem.kernel.settings import Settings, settings
from tandem.web import create_app
from tandem.web.routes import known_routes

PASSWORD = "correct horse battery"

#: Changes that need no audit entry, and why.
UNAUDITED = {
    "POST /v1/source-mappings/try": "changes nothing",
    "POST /hooks/{connector}/{account}": "what comes in by the door is kept whole by the door itself",
    "POST /v1/events": "what comes in by the door is kept whole by the door itself",
    "POST /v1/beacon": "what comes in by the door is kept whole by the door itself",
    "POST /r/{token}/seen": "what a customer's browser tells is an event of hers",
    "POST /v1/chat-topics/try": "changes nothing",
    "POST /v1/knowledge-articles/try": "changes nothing",
    "POST /v1/sign-in/{account_id}/members/{member}/code": "asks a simulator for a code, and changes nothing here",
    "POST /v1/ownership/try": "changes nothing",
    "POST /v1/expressions/check": "changes nothing",
    "POST /v1/segments/preview": "changes nothing",
    "POST /v1/imports/{import_id}/preview": "changes nothing",
    "POST /v1/message-templates/preview": "changes nothing",
    "POST /v1/guarded-words/try": "changes nothing",
    "POST /v1/flows/{flow_id}/check": "changes nothing",
    "POST /v1/flows/{flow_id}/dry-run": "changes nothing",
    "POST /v1/segments/{segment_id}/audit": "compares members with a recompute and notes what it found on the segment",
    "PUT /v1/flows/{flow_id}/here": "says every ten seconds that the canvas is open",
    "DELETE /v1/flows/{flow_id}/here": "says that the canvas is closed",
    "PUT /v1/flows/{flow_id}/draft": "the canvas saves itself every few seconds; publishing is on the trail",
}


@dataclass
class Company:
    """One tenant: ids of its organisation units by code and of its people by log-in."""

    id: UUID
    code: str
    units: dict[str, UUID]
    people: dict[str, UUID]


@dataclass
class House:
    """The application over a fresh database holding the companies `a` and `b`."""

    database: TestDatabase
    db: Database
    app: FastAPI
    a: Company
    b: Company
    trail: Trail
    portal: BlockingPortal | None = None
    """The event loop that all browsers share; None: one for each request, which costs as much as an ordinary request."""
    _signed: dict[str, Person] = field(default_factory=dict)

    def person(self, login: str) -> Person:
        """A signed-in browser of one person, the same one each time."""
        if login not in self._signed:
            self._signed[login] = self.fresh(login)
        return self._signed[login]

    def fresh(self, login: str, password: str = PASSWORD) -> Person:
        """A new browser in which the person signs in."""
        person = self.stranger()
        answer = person.post("/v1/session", {"login": login, "password": password})
        assert answer.status_code == 200, answer.text
        person.csrf = answer.json()["csrf"]
        return person

    def joined(self, role: str) -> Person:
        """A colleague of company a with a built-in role that sees everything; called as the role, the same one each time."""
        if role not in self.a.people:
            with self.db.connection("owner") as connection:
                tx = begin(connection, tenant=self.a.id)
                self.a.people[role] = create_user(tx, login=role, name=role.title(), password=PASSWORD)
                assign_role(tx, self.a.people[role], role, scope="all", org_unit_id=None)
        return self.person(role)

    def stranger(self) -> Person:
        """A new browser in which nobody is signed in."""
        if self.portal is None:
            return Person(TestClient(self.app, raise_server_exceptions=False), trail=self.trail)
        return Person(Browser(self.app, self.portal), trail=self.trail)


@dataclass
class Person:
    """A browser: cookies of its own, and the CSRF header once signed in."""

    client: TestClient
    csrf: str = ""
    trail: Trail | None = None

    def get(self, path: str, **params: Any) -> Response:
        return self.client.get(path, params=params or None)

    def post(self, path: str, body: Any = None, **headers: str) -> Response:
        return self.send("POST", path, body, **headers)

    def patch(self, path: str, body: Any = None) -> Response:
        return self.send("PATCH", path, body)

    def put(self, path: str, body: Any = None) -> Response:
        return self.send("PUT", path, body)

    def delete(self, path: str) -> Response:
        return self.send("DELETE", path)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        sent = {"X-CSRF-Token": self.csrf, **headers} if self.csrf else headers
        answer = self.client.request(method, path, json=body, headers=sent)
        if self.trail is not None and answer.is_success and method != "GET":
            self.trail.look(method, path, answer.headers["x-request-id"])
        return answer


class Trail:
    """Whether the changes that tests make leave audit entries: every kind of change must, at least once per module."""

    def __init__(self, database: TestDatabase, app: FastAPI) -> None:
        self._database = database
        self._app = app
        self._audited: dict[str, bool] = {}

    def look(self, method: str, path: str, request_id: str) -> None:
        """Note whether a change that went through left an entry."""
        name = next(
            (f"{verb} {at}" for verb, at, fits in self._routes if verb == method and fits.fullmatch(path)), None
        )
        if name is None or self._audited.get(name) or name in UNAUDITED:
            return
        with self._database.connect() as owner:
            found = owner.execute("select 1 from audit_entry where request_id = %s limit 1", (request_id,)).fetchone()
        self._audited[name] = found is not None

    @cached_property
    def _routes(self) -> list[tuple[str, str, re.Pattern[str]]]:
        return [(route.method, route.path, _pattern(route.path)) for route in known_routes(self._app)]

    def missing(self) -> list[str]:
        """Changes that went through and never left an entry."""
        return sorted(name for name, audited in self._audited.items() if not audited)


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{[^}]+\}", "[^/?]+", path) + r"(\?.*)?")


def ok(answer: Response) -> Any:
    """The body of an answer that must be a good one."""
    assert answer.status_code < 300, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
    return answer.json() if answer.content else None


#: Log-in, role, scope, unit code. Company b has the same people with "b." before their names.
PEOPLE = (
    ("admin", "admin", "all", None),
    ("marketing", "marketing_assistant", "all", None),
    ("north", "region_manager", "region", "north"),
    ("shop1", "store_manager", "store", "s1"),
    ("shop2", "store_manager", "store", "s2"),
    ("agent", "agent", "own", None),
    ("finance", "finance", "all", None),
    ("operator", "operator", "all", None),
)


def make_company(db: Database, code: str, *, prefix: str = "", demo: bool = False) -> Company:
    """A tenant with one brand, two regions, three stores and the people above."""
    with db.connection("owner") as connection:
        tenant_id = create_tenant(
            connection, MasterKey(settings().master_key_bytes()), code=code, name=f"公司 {code}", demo=demo
        )
        tx = begin(connection, tenant=tenant_id)
        brand = tx.value("select id from org_unit where tenant_id = %(t)s and kind = 'brand'", {"t": tenant_id})
        units = {"brand": brand}
        for kind, unit, parent in (
            ("region", "north", "brand"),
            ("region", "south", "brand"),
            ("store", "s1", "north"),
            ("store", "s2", "north"),
            ("store", "s3", "south"),
        ):
            units[unit] = create_org_unit(tx, kind=kind, code=unit, name=unit.upper(), parent_id=units[parent])
        people: dict[str, UUID] = {}
        for login, role, scope, unit in PEOPLE:
            people[login] = create_user(tx, login=f"{prefix}{login}", name=login.title(), password=PASSWORD)
            assign_role(tx, people[login], role, scope=scope, org_unit_id=units[unit] if unit else None)
    return Company(tenant_id, code, units, people)


@contextmanager
def open_house(database: TestDatabase, *, started: bool = False, audited: bool = True) -> Iterator[House]:
    """The house over a database; `started` also runs the application's start-up (live updates).

    At the end, `audited` fails on a kind of change that went through and left no entry on the trail.
    """
    weaken()
    db = Database(database.urls(), size=8)
    app = create_app(Settings(), db=db)
    app.state.master = MasterKey(settings().master_key_bytes())
    try:
        a = make_company(db, "a", demo=True)
        b = make_company(db, "b", prefix="b.")
        trail = Trail(database, app)
        with start_blocking_portal("asyncio") as portal:
            house = House(database, db, app, a, b, trail, portal)
            if started:
                with TestClient(app):
                    yield house
            else:
                yield house
        missing = trail.missing()
        assert not (audited and missing), f"changes without an audit entry: {missing}"
    finally:
        db.close()
