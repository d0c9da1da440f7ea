"""Every main screen for every person: nothing complains, nothing sticks out, nothing is said in the wrong language."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from person import Person
from playwright.sync_api import expect
from screens import screens_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
LOGINS = ("marketing", "store", "region", "finance", "admin")
CHINESE = re.compile(r"[㐀-鿿]")
#: Their heading is what somebody called the thing.
DETAILS = {"customer", "segment-builder", "flow"}
#: Every kind of page once, and every builder.
LOOKED_AT = (
    "home", "customers", "customer", "segments", "segment-builder", "flows", "flow", "tasks", "coupons", "inbox", "settings-roles", "audit",
)  # fmt: skip
FOLLOW_MS = 5_000
SERIOUS = {"serious", "critical"}

#: By how much the page is wider than its window; a chart follows its box some frames later and is given time to.
_OVERFLOW = """async (patience) => {
  const page = document.documentElement, main = document.querySelector("main"), end = performance.now() + patience;
  const over = () => Math.max(page.scrollWidth - page.clientWidth, main ? main.scrollWidth - main.clientWidth : 0);
  while (over() > 0 && performance.now() < end) await new Promise((next) => requestAnimationFrame(next));
  return over();
}"""
#: What the application itself says: headings, ways to go, buttons, labels. A row of a list shows several lines of people's own words.
_OWN_WORDS = """() => [...document.querySelectorAll("nav a, nav button, h1, h2, h3, main button, main label, main th, [role=tab]")]
  .filter((one) => one.offsetParent !== null && !one.closest("tbody, .react-flow__node") && !one.innerText.includes("\\n")).map((one) => one.innerText.trim()).filter(Boolean)"""


@pytest.mark.parametrize("login", LOGINS)
def test_every_screen_stands(open_person: Callable[..., Person], login: str) -> None:
    """No console error, no failed request, and nothing wider than the window in either common size."""
    person = open_person(login)
    found: dict[str, Any] = {}
    for screen in screens_of(person):
        person.turn_to(screen.path)
        troubles = [*person.complaints, *_too_wide(person)]
        person.complaints.clear()
        if troubles:
            found[screen.name] = troubles
    assert not found, found


def _too_wide(person: Person) -> list[str]:
    found: list[str] = []
    for width, height in ((1920, 1080), (1366, 768)):
        person.page.set_viewport_size({"width": width, "height": height})
        over = person.page.evaluate(_OVERFLOW, FOLLOW_MS)
        if over > 0:
            found.append(f"{over} px too wide at {width}x{height}")
    return found


def test_no_screen_shuts_people_out(open_person: Callable[..., Person]) -> None:
    """axe-core finds nothing serious: names, contrast, roles, labels."""
    found: dict[str, list[str]] = {}
    stranger = open_person(None)
    stranger.page.goto("/login")
    expect(stranger.page.get_by_role("heading", level=1)).to_be_visible()
    _note(found, "login", stranger)
    person = open_person("admin")
    for screen in screens_of(person, LOOKED_AT):
        person.turn_to(screen.path)
        _note(found, screen.name, person)
    assert not found, found


def _note(found: dict[str, list[str]], name: str, person: Person) -> None:
    if person.page.evaluate("typeof axe") == "undefined":
        person.page.evaluate(AXE.read_text(encoding="utf-8"))
    answer = person.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    serious = [
        f"{one['id']}: {[node['html'][:160] + ' | ' + str(node.get('any', [{}])[:1])[:200] for node in one['nodes'][:3]]}"
        for one in answer["violations"]
        if one["impact"] in SERIOUS
    ]
    if serious:
        found[name] = serious


def test_english_leaves_no_chinese_behind(open_person: Callable[..., Person]) -> None:
    """What the application says is English after one click; what people wrote stays as they wrote it."""
    person = open_person("admin")
    person.visit("/home")
    person.page.get_by_role("button", name=re.compile("Switch language")).click()
    expect(person.page.get_by_role("link", name="Home", exact=True)).to_be_visible()
    left: dict[str, list[str]] = {}
    asked = person.page.context.request
    names = [
        asked.get("/v1/me").json()["user"]["name"],
        *(one["name"] for one in asked.get("/v1/flows").json()["items"]),
    ]
    for screen in screens_of(person):
        person.turn_to(screen.path)
        heading = person.page.locator("h1").first.inner_text() if screen.name in DETAILS else ""
        words = [text for text in person.page.evaluate(_OWN_WORDS) if CHINESE.search(_without(names, text))]
        words = [text for text in words if text != heading]
        if words:
            left[screen.name] = words
    assert not left, left


def _without(names: list[str], text: str) -> str:
    """The text without what people called themselves and their flows."""
    for name in names:
        text = text.replace(name, "")
    return text
