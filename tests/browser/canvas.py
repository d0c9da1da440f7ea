"""The flow canvas as a person uses it without a mouse's precision: press the palette, fill the form, pick where each way leads."""

from __future__ import annotations

import re
from dataclasses import dataclass

from person import Person
from playwright.sync_api import Locator, expect


@dataclass
class Canvas:
    """One open flow."""

    person: Person

    @property
    def panel(self) -> Locator:
        return self.person.page.get_by_role("complementary", name="节点设置")

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

    def lead(self, name: str, **ways: str) -> None:
        """Draw the arrows of one block: its ways by their label, each with the block it leads to."""
        self.open(name)
        for way, to in ways.items():
            self.panel.get_by_role("combobox", name=way, exact=True).select_option(label=to)

    def count(self, field: str, value: int) -> None:
        """Fill in a number."""
        self.panel.get_by_role("spinbutton", name=field, exact=True).fill(str(value))

    def saved(self) -> None:
        expect(self.person.page.get_by_role("toolbar").get_by_role("status")).to_have_text("已保存")

    def entered(self, name: str) -> int:
        """How many came by, as the block itself says."""
        text = self.block(name).locator("text=/^经过/").inner_text()
        return number_in(text)


def number_in(text: str) -> int:
    """The one number of a text: `经过 1,234` is 1234."""
    return int("".join(one for one in text if one.isdigit()))
