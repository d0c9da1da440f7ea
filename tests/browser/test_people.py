"""Who may come in, what each may see, and that nobody needs a mouse."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

import pytest
from canvas import Canvas
from person import Person
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TRIES_MAX = 12


def try_password(page: Page, login: str, password: str) -> None:
    page.get_by_label("账号").fill(login)
    page.get_by_label("密码").fill(password)
    with page.expect_response(lambda answer: answer.url.endswith("/v1/session")):
        page.get_by_role("button", name="登录", exact=True).click()


def test_wrong_passwords_are_told_and_then_slowed(open_person: Callable[..., Person]) -> None:
    page = open_person(None).page
    page.goto("/login")
    # Nobody's log-in: a real person's must not be locked out by this test.
    login = f"nobody-{secrets.token_hex(4)}"
    try_password(page, login, "wrong")
    alert = page.get_by_role("alert")
    expect(alert).to_be_visible()
    first = alert.inner_text()
    assert re.search(r"[㐀-鿿]", first)
    assert not re.search(r"[A-Za-z_]{4,}", first.replace(login, "")), first
    for _ in range(TRIES_MAX):
        try_password(page, login, "wrong")
        if page.get_by_text(re.compile("秒|分钟")).count():
            break
    expect(alert).to_contain_text(re.compile(r"\d+ ?(秒|分钟)"))
    expect(page).to_have_url(re.compile("/login"))


def test_a_store_manager_sees_one_store_and_no_locked_doors(open_person: Callable[..., Person]) -> None:
    person = open_person("store")
    page, ask = person.page, person.page.context.request
    (store,) = ask.get("/v1/stores").json()["items"]
    everybody = open_person("admin").page.context.request.get("/v1/customers?limit=200").json()["items"]
    mine = {one["id"] for one in ask.get("/v1/customers?limit=200").json()["items"]}
    assert 0 < len(mine) < len(everybody)

    person.visit("/customers")
    rows = page.get_by_role("row").filter(has=page.get_by_role("gridcell"))
    expect(rows.first).to_be_visible()
    assert rows.filter(has_text=store["name"]).count() == rows.count()

    navigation = page.get_by_role("navigation", name="主导航")
    for hidden in ("角色", "审计", "API 密钥", "人员"):
        expect(navigation.get_by_role("link", name=hidden, exact=True)).to_have_count(0)
    page.goto("/settings/audit")
    expect(page.get_by_text("你没有权限查看这一页")).to_be_visible()
    other = next(one["id"] for one in everybody if one["id"] not in mine)
    person.complaints.clear()
    page.goto(f"/customers/{other}")
    expect(page.get_by_role("alert").or_(page.get_by_role("status")).first).to_be_visible()
    assert ask.get(f"/v1/customers/{other}").status == 404


def test_the_keyboard_is_enough(open_person: Callable[..., Person]) -> None:
    """Sign in, find a page, draw: Tab, Enter, Ctrl K, Delete, Ctrl Z; the mouse is never touched."""
    person = open_person(None)
    page, keys = person.page, person.page.keyboard
    page.goto("/login")
    expect(page.get_by_label("账号")).to_be_focused()
    keys.type("marketing")
    keys.press("Tab")
    expect(page.get_by_label("密码")).to_be_focused()
    keys.type("tandem-demo")
    keys.press("Enter")
    expect(page.get_by_role("navigation", name="主导航")).to_be_visible()

    keys.press("Control+k")
    search = page.get_by_role("combobox")
    expect(search).to_be_focused()
    keys.type("流程列表")
    expect(page.get_by_role("option", name="流程列表").first).to_have_attribute("aria-selected", "true")
    keys.press("Enter")
    expect(page).to_have_url(re.compile("/flows$"))
    person.settled()

    create = page.get_by_role("button", name="新建流程")
    create.first.focus()
    keys.press("Enter")
    expect(page.get_by_label("给它起个名字")).to_be_focused()
    keys.type(f"键盘画的 {secrets.token_hex(2)}")
    keys.press("Enter")
    expect(page.get_by_role("toolbar", name="流程工具")).to_be_visible()
    draw_with_keys(person)


def draw_with_keys(person: Person) -> None:
    page, keys = person.page, person.page.keyboard
    nodes = page.locator(".react-flow__node")
    for count, kind in enumerate(("事件发生时", "等待一段时间"), 1):
        page.get_by_role("navigation", name="节点", exact=True).get_by_role("button", name=kind, exact=True).focus()
        keys.press("Enter")
        expect(nodes).to_have_count(count)
    canvas = Canvas(person)
    expect(canvas.panel.get_by_role("heading", level=2)).to_have_text("等待一段时间")
    canvas.block("等待一段时间").focus()
    keys.press("Delete")
    expect(nodes).to_have_count(1)
    keys.press("Control+z")
    expect(nodes).to_have_count(2)
    keys.press("Control+Shift+z")
    expect(nodes).to_have_count(1)
    keys.press("Control+z")
    expect(nodes).to_have_count(2)
    canvas.saved()
