"""Does every route say which permission it needs, or that it is public on purpose?"""

import json
import re

import pytest

from architecture import tree
from tandem.access.permissions import Permission
from tandem.kernel.settings import Settings
from tandem.web import create_app
from tandem.web.routes import KnownRoute, known_routes

SPELLING = re.compile(r"[a-z_]+\.[a-z_]+")
WITHOUT = {"public", "signed-in"}
# Reachable without a session by design; anything else that says "public" is added here, where a reviewer sees it.
PUBLIC = {"GET /healthz", "GET /metrics", "POST /v1/session", "GET /v1/openapi.json", "GET /developers"}
# What outside systems and browsers of strangers call; each call is verified by itself.
PUBLIC |= {"GET /hooks/{connector}/{account}"}
PUBLIC |= {"POST /hooks/{connector}/{account}", "POST /v1/beacon", "OPTIONS /v1/beacon", "GET /beacon.js"}
PUBLIC |= {"POST /v1/beacon/popups", "OPTIONS /v1/beacon/popups", "GET /popups.js"}
# What customers open from a chat, by links that are signed; and how advisers sign in inside of WeCom.
PUBLIC |= {"GET /r/{token}", "GET /r/{token}/file", "POST /r/{token}/seen", "GET /radar.js", "GET /i/{token}"}
PUBLIC |= {"GET /p/{token}"}
PUBLIC |= {"GET /v1/sidebar/entry/{account_id}", "POST /v1/sidebar/session"}
# How people sign in by the company's own directory.
PUBLIC |= {"GET /v1/sign-in", "GET /v1/sign-in/{account_id}/begin", "POST /v1/sign-in/session"}
PUBLIC |= {"GET /v1/sign-in/{account_id}/members", "POST /v1/sign-in/{account_id}/members/{member}/code"}


@pytest.fixture(scope="module")
def routes() -> list[KnownRoute]:
    return list(known_routes(create_app(Settings())))


@pytest.fixture(scope="module")
def permissions() -> tuple[Permission, ...]:
    return create_app(Settings()).state.permissions


def shown(route: KnownRoute) -> str:
    return f"{route.method} {route.path}"


def test_every_route_says_who_may_use_it(routes: list[KnownRoute]) -> None:
    assert len(routes) > 10
    silent = [shown(route) for route in routes if route.guard is None]
    assert not silent, "\n".join(silent)


def test_permissions_are_known_and_spelt_alike(routes: list[KnownRoute], permissions: tuple[Permission, ...]) -> None:
    known = {permission.name for permission in permissions}
    asked = {route.guard.permission for route in routes if route.guard and route.guard.permission not in WITHOUT}
    assert all(SPELLING.fullmatch(name) for name in known), sorted(known)
    assert asked <= known, sorted(asked - known)


def test_public_routes_are_the_known_ones(routes: list[KnownRoute]) -> None:
    public = {shown(route) for route in routes if route.guard is not None and route.guard.permission == "public"}
    assert public <= PUBLIC, sorted(public - PUBLIC)


def test_no_two_routes_answer_at_one_address(routes: list[KnownRoute]) -> None:
    seen = [re.sub(r"\{\w+\}", "{}", shown(route)) for route in routes]
    twice = {address for address in seen if seen.count(address) > 1}
    assert not twice, sorted(twice)


def test_every_area_of_rights_has_its_words(permissions: tuple[Permission, ...]) -> None:
    """The roles screen shows an area without words by its key."""
    words = tree.ROOT / "web" / "src" / "features" / "settings"
    for language in ("zh", "en"):
        named = json.loads((words / f"{language}.json").read_text("utf-8"))["roles"]["area"]
        assert {one.name.split(".")[0] for one in permissions} - named.keys() == set(), language
