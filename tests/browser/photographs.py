"""The pictures of docs/screenshots, taken by `script/screenshots`; not part of the tests, which look at the same screens."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from canvas import Canvas
from person import Person
from playwright.sync_api import expect
from screens import screens_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
PLAIN = (
    "home",
    "customers",
    "segments",
    "segment-builder",
    "flows",
    "gallery",
    "flow-backtest",
    "connectors",
    "conversion",
    "tasks",
    "coupons",
    "inbox",
    "templates",
    "settings-roles",
    "audit",
)
FLOW = "母婴挽回"
#: What the English README shows, and what is looked at in the dark.
ABROAD = ("home", "customer", "segment-builder", "flow", "gallery")
DARK = ("home", "flow", "customer")
_SPEAK_ENGLISH = "localStorage.setItem('tandem.language', 'en')"


def test_the_screens_are_photographed(open_person: Callable[..., Person]) -> None:
    FOLDER.mkdir(exist_ok=True)
    stranger = open_person(None)
    stranger.page.goto("/login")
    expect(stranger.page.get_by_role("button", name="登录", exact=True)).to_be_visible()
    take(stranger, "login")

    person = open_person("admin")
    the_flow(person)
    for screen in screens_of(person, PLAIN):
        person.visit(screen.path)
        drawn(person, screen.name)
        take(person, screen.name)


def test_and_in_english_and_in_the_dark(open_person: Callable[..., Person]) -> None:
    """The flow is the one that the pictures before set going."""
    (FOLDER / "en").mkdir(exist_ok=True)
    person = open_person("admin", language="en")
    person.page.add_init_script(_SPEAK_ENGLISH)
    for screen in screens_of(person, ABROAD):
        person.visit(screen.path)
        drawn(person, screen.name)
        take(person, f"en/{screen.name}")
    person.page.emulate_media(color_scheme="dark")
    for screen in screens_of(person, DARK):
        person.visit(screen.path)
        drawn(person, screen.name)
        take(person, f"en/{screen.name}-dark")


def the_flow(person: Person) -> None:
    """The drawn win-back flow: as it is edited, at work after nine days, and one customer's way through it."""
    page, canvas = person.page, Canvas(person)
    person.visit("/flows")
    page.get_by_role("row").filter(has_text=FLOW).first.click()
    expect(page.get_by_role("toolbar", name="流程工具")).to_be_visible()
    if page.get_by_role("button", name=re.compile("检查$")).is_visible():
        canvas.open("A/B 分流")
        page.get_by_role("button", name=re.compile("检查$")).click()
        expect(page.get_by_text("检查通过，可以发布")).to_be_visible()
        canvas.saved()
        page.locator(".react-flow__controls-fitview").click()
        take(person, "flow-edit")
        page.get_by_role("button", name="发布并让新客户进入").click()
        page.get_by_role("dialog").get_by_role("button", name="发布并让新客户进入").click()
        expect(canvas.block("等待事件").get_by_text("停在这里")).to_be_visible(timeout=60_000)
        person.move_clock("7 天")
        person.move_clock("1 天", times=2)
        page.reload()
    expect(canvas.block("达成目标").get_by_text(re.compile("到达 [1-9]"))).to_be_attached()
    expect(page.get_by_role("alert")).to_have_count(0)
    page.locator(".react-flow__controls-fitview").click()
    take(person, "flow-watch")
    canvas.block("等待事件").get_by_role("button", name=re.compile("停在这里")).click()
    name = page.get_by_role("dialog").get_by_role("listitem").get_by_role("link").first
    name.click()
    expect(page).to_have_url(re.compile("/customers/"))
    person.settled()
    take(person, "customer")
    page.get_by_role("tab", name="流程").click()
    page.get_by_role("link", name="每一步与原因").first.click()
    expect(page).to_have_url(re.compile("/runs/"))
    person.settled()
    take(person, "run")


def drawn(person: Person, name: str) -> None:
    """What a screen is looked at for comes a moment after its heading: the gallery's drawings, the counts on a flow."""
    if name == "gallery":
        for card in range(3):
            expect(person.page.locator("main svg[role=img]").nth(card).locator("rect").first).to_be_visible()
    if name == "flow":
        expect(person.page.get_by_text(re.compile(r"^[1-9][\d,]* reached$")).first).to_be_visible()


def take(person: Person, name: str) -> None:
    """Write one picture, with the pointer and the focus out of the way."""
    person.page.mouse.move(0, 0)
    person.page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")
