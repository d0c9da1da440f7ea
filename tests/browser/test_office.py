"""What people in the office do with a browser: merge and take back, redeem at the till, move a store; and all of it in words."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from person import Person
from playwright.sync_api import expect
from screens import screens_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CONTRACT = Path(__file__).resolve().parents[2] / "web" / "openapi.json"
CODE = re.compile(r"[a-z]{2,}(?:_[a-z]+)*")
#: Log-in names and codes people chose are theirs; expressions are written in the language they are written in.
THEIRS = {"settings-people", "segments", "segment-builder", "tags", "api-keys", "templates"}
_TEXT = """() => {
  const walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT), said = [];
  while (walk.nextNode()) if (!walk.currentNode.parentElement.closest("code, pre, style, textarea")) said.push(walk.currentNode.data);
  return said;
}"""


def _codes(value: Any) -> Iterator[str]:
    """Every value of every enumeration in the contract."""
    if isinstance(value, dict):
        told = cast("dict[str, Any]", value)
        yield from (one for one in told.get("enum", []) if isinstance(one, str))
        for inner in told.values():
            yield from _codes(inner)
    elif isinstance(value, list):
        for inner in cast("list[Any]", value):
            yield from _codes(inner)


def test_no_code_of_ours_is_said_to_a_reader(open_person: Callable[..., Person]) -> None:
    codes = {one for one in _codes(json.loads(CONTRACT.read_text(encoding="utf-8"))) if CODE.fullmatch(one)}
    codes |= {"computed", "simulated", "manual", "mall", "pos", "crm"}
    assert {"redeemed", "active"} <= codes
    person = open_person("admin")
    found: dict[str, list[str]] = {}
    for screen in screens_of(person):
        if screen.name in THEIRS:
            continue
        person.turn_to(screen.path)
        for opener in person.page.locator("main details > summary").all():
            opener.click()
        # What a sender may send is told in the sender's words.
        said = {one.partition("，可用：")[0].strip() for one in person.page.evaluate(_TEXT)}
        bare = sorted(codes & {word for text in said for word in re.split(r"[^A-Za-z_]+", text)})
        if bare:
            found[screen.name] = bare
    assert not found, found


def test_two_customers_are_merged_from_the_page_and_parted_again(open_person: Callable[..., Person]) -> None:
    person = open_person("admin")
    page, ask = person.page, person.page.context.request
    named = [one for one in ask.get("/v1/customers?limit=200").json()["items"] if one["name"] and one["member_no"]]
    one, two = named[-1], named[-2]
    person.visit(f"/customers/{one['id']}")
    page.get_by_role("button", name="与另一位合并").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("searchbox").fill(two["member_no"])
    dialog.get_by_role("radio").first.check()
    expect(dialog.get_by_text("可以随时撤销")).to_be_visible()
    dialog.get_by_role("button", name="合并这两位客户").click()
    expect(page.get_by_text("已合并，可在合并记录里撤销")).to_be_visible()
    page.get_by_role("tab", name="合并记录").click()
    page.get_by_role("button", name="撤销合并").first.click()
    page.get_by_role("tooltip").get_by_role("button", name="撤销合并").click()
    expect(page.get_by_text("已撤销，两位客户恢复原样")).to_be_visible()
    assert ask.get(f"/v1/customers/{two['id']}").json()["merged_into"] is None


def test_a_wrong_code_is_told_beside_the_code(open_person: Callable[..., Person]) -> None:
    person = open_person("store")
    person.visit("/redeem")
    person.page.get_by_label("券码").fill("NO-SUCH-CODE")
    person.page.keyboard.press("Enter")
    expect(person.page.get_by_text("没有这个券码")).to_be_visible()
    expect(person.page.get_by_label("券码")).to_be_focused()


def test_a_store_is_added_moved_and_closed(open_person: Callable[..., Person]) -> None:
    person = open_person("admin")
    page, name = person.page, f"新店 {secrets.token_hex(2)}"
    person.visit("/settings/organisation")
    page.get_by_role("button", name="在其下新增 华东大区").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("编码").fill(f"N{secrets.token_hex(3)}")
    dialog.get_by_label("名称").fill(name)
    dialog.get_by_role("button", name=re.compile("保 ?存")).click()
    expect(page.get_by_text(name)).to_be_visible()
    page.get_by_role("button", name=f"移动 {name}").click()
    page.get_by_role("dialog").get_by_role("combobox").fill("华南")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name=re.compile("保 ?存")).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name=f"停用 {name}").click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("停 ?用")).click()
    expect(page.get_by_role("button", name=f"重新启用 {name}")).to_be_visible()


def test_customers_are_tagged_together_with_their_count(open_person: Callable[..., Person]) -> None:
    person = open_person("admin")
    page, tag = person.page, f"一起打的 {secrets.token_hex(2)}"
    person.visit("/customers")
    for row in (1, 2):
        page.get_by_role("row").nth(row + 1).get_by_role("checkbox").check()
    expect(page.get_by_text("已选 2 位")).to_be_visible()
    page.get_by_role("combobox", name="选择或输入标签").fill(tag)
    page.get_by_role("button", name="打标签").click()
    page.get_by_role("dialog").get_by_role("button", name="给 2 位打上").click()
    expect(page.get_by_text(f"已给 2 位客户打上“{tag}”")).to_be_visible()
