"""The flow canvas as a person uses it: the palette and the forms, or the pointer alone, or no pointer at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from person import Person
from playwright.sync_api import FloatRect, Locator, expect


@dataclass
class Canvas:
    """One open flow."""

    person: Person

    @property
    def panel(self) -> Locator:
        return self.person.page.get_by_role("complementary", name="节点设置")

    @property
    def quick(self) -> Locator:
        """The list that offers a new block at a place."""
        return self.person.page.get_by_role("dialog").filter(has=self.person.page.get_by_role("listbox"))

    @property
    def blocks(self) -> Locator:
        return self.person.page.locator(".react-flow__node")

    @property
    def arrows(self) -> Locator:
        return self.person.page.locator(".react-flow__edge")

    def block(self, name: str) -> Locator:
        return self.person.page.locator(f'.react-flow__node[aria-label="{name}"]')

    def press(self, kind: str, name: str) -> None:
        """Put a block on the canvas and name it; its form is open afterwards."""
        palette = self.person.page.get_by_role("navigation", name="节点", exact=True)
        palette.get_by_role("button", name=kind, exact=True).click()
        expect(self.panel.get_by_role("heading", level=2)).to_have_text(kind)
        self.panel.get_by_label("显示名称").fill(name)
        expect(self.block(name)).to_have_count(1)

    def open(self, name: str) -> None:
        """Select a block, from the keyboard: the canvas may have moved it out of sight."""
        block = self.block(name)
        block.focus()
        block.press("Enter")
        expect(block).to_have_class(re.compile(r"\bselected\b"))
        expect(self.panel).to_be_visible()

    def way(self, name: str) -> Locator:
        """Where one way out of the open block leads."""
        return self.panel.get_by_role("combobox", name=name, exact=True)

    def choose_target(self, way: str, to: str) -> None:
        box = self.way(way)
        box.click()
        box.press_sequentially(to)
        options = self.person.page.locator(".ant-select-dropdown:visible .ant-select-item-option")
        options.filter(has_text=re.compile(f"^{re.escape(to)}$")).click()

    def lead(self, name: str, **ways: str) -> None:
        """Draw the arrows of one block: its ways by their label, each with the block it leads to."""
        self.open(name)
        for way, to in ways.items():
            self.choose_target(way, to)

    def count(self, field: str, value: int) -> None:
        """Fill in a number."""
        self.panel.get_by_role("spinbutton", name=field, exact=True).fill(str(value))

    def saved(self) -> None:
        expect(self.person.page.get_by_role("toolbar", name="流程工具").get_by_role("status")).to_have_text("已保存")

    def entered(self, name: str) -> int:
        """How many came by, as the block itself says."""
        text = self.block(name).locator("text=/^到达/").inner_text()
        return number_in(text)

    # ------------------------------------------------------------------------------------------------ the pointer

    def port(self, block: str, way: str) -> Locator:
        return self.person.page.locator(
            f'.react-flow__node[data-id="{block}"] .react-flow__handle.source[data-handleid="{way}"]'
        )

    def drag(self, handle: Locator, x: float, y: float) -> None:
        """Press, move in small steps, let go: as a hand does it."""
        box = box_of(handle)
        mouse = self.person.page.mouse
        mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        mouse.down()
        mouse.move(x, y, steps=6)
        mouse.up()

    # ------------------------------------------------------------------------------------------------ beside the screen

    def graph(self) -> dict[str, Any]:
        """What the server keeps."""
        self.saved()
        flow = self.person.page.url.rsplit("/", 1)[-1]
        return self.person.page.context.request.get(f"/v1/flows/{flow}").json()["draft"]

    def draw(self, name: str, graph: dict[str, Any]) -> None:
        """A flow with this graph, made without drawing, and open."""
        request = self.person.page.context.request
        token = {"X-CSRF-Token": request.get("/v1/me").json()["csrf"]}
        made = request.post("/v1/flows", data={"name": name}, headers=token).json()
        flow = request.get(f"/v1/flows/{made['id']}").json()
        answer = request.put(
            f"/v1/flows/{flow['id']}/draft", data={"graph": graph, "etag": flow["etag"]}, headers=token
        )
        assert answer.ok, answer.text()
        self.person.visit(f"/flows/{flow['id']}")
        expect(self.blocks.first).to_be_visible()


def box_of(one: Locator) -> FloatRect:
    box = one.bounding_box()
    assert box is not None
    return box


def number_in(text: str) -> int:
    """The one number of a text: `到达 1,234` is 1234."""
    return int("".join(one for one in text if one.isdigit()))
