"""A person at her browser, and everything the browser complained about meanwhile."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import ConsoleMessage, Locator, Page, Request, Response, expect
from product import PASSWORD, Product

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Two busy cores serve the browser, the server, the worker and the database at once.
expect.set_options(timeout=45_000)
#: A click that leads on cancels what the page it leaves was still asking for.
CANCELLED = "net::ERR_ABORTED"
#: What the router does for a link, and the heading that must be gone before the next screen is there.
_TURN = """(path) => {
  window.leftHeading = document.querySelector("h1");
  history.pushState({ idx: (history.state?.idx ?? 0) + 1, key: path }, "", path);
  dispatchEvent(new PopStateEvent("popstate", { state: history.state }));
}"""


@dataclass
class Person:
    """One browser window and its complaints: console errors, failed requests, answers of 400 and above."""

    page: Page
    product: Product
    complaints: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)

    @classmethod
    def come(
        cls, chromium: Browser, product: Product, login: str | None, *, width: int, height: int, language: str
    ) -> Person:
        context = chromium.new_context(
            base_url=product.address,
            viewport={"width": width, "height": height},
            locale="zh-CN" if language == "zh" else "en-GB",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
        )
        context.set_default_timeout(45_000)
        if login is not None:
            answer = context.request.post("/v1/session", data={"login": login, "password": PASSWORD})
            assert answer.ok, answer.text()
        person = cls(context.new_page(), product)
        person.page.on("console", person._hear)
        person.page.on("pageerror", lambda error: person.complaints.append(f"page error: {error}"))
        person.page.on("requestfailed", person._failed)
        person.page.on("response", person._answered)
        return person

    def _hear(self, message: ConsoleMessage) -> None:
        self.console.append(f"{message.type}: {message.text}")
        if message.type == "error":
            self.complaints.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _failed(self, request: Request) -> None:
        if request.failure != CANCELLED:
            self.complaints.append(f"failed: {request.method} {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status}: {response.request.method} {response.url}")

    # ------------------------------------------------------------------------------------------------ going about

    def visit(self, path: str) -> None:
        """Open an address and wait until the page has its title and nothing is loading any more."""
        self.page.goto(path)
        self.settled()

    def turn_to(self, path: str) -> None:
        """Go to another screen of the open product, as a link would: nothing is loaded anew."""
        if self.page.url == "about:blank":
            self.visit(path)
            return
        if self.page.evaluate("location.pathname") == path:
            return
        self.page.evaluate(_TURN, path)
        self.page.wait_for_function("() => !document.contains(window.leftHeading)")
        self.settled()

    def settled(self) -> None:
        """Wait until the screen stands: a heading is there, no placeholder is."""
        expect(self.page.locator("h1").first).to_be_visible()
        expect(self.page.locator(".ant-skeleton, .ant-spin-spinning")).to_have_count(0)

    def choose(self, name: str, option: str, *, within: Locator | None = None) -> None:
        """Pick an option of a select by its accessible name, as a person types and presses Enter."""
        box = (within or self.page).get_by_role("combobox", name=name, exact=True)
        box.click()
        box.press_sequentially(option)
        self.page.locator(".ant-select-dropdown:visible .ant-select-item-option", has_text=option).first.click()

    def move_clock(self, leap: str, times: int = 1) -> None:
        """Press a leap of the header's demo clock and wait until it has arrived, as often as told."""
        self.page.get_by_test_id("clock").click()
        button = self.page.get_by_role("tooltip").get_by_role("button", name=leap, exact=True)
        for _ in range(times):
            before = self.page.get_by_test_id("clock").inner_text()
            button.click()
            expect(self.page.get_by_test_id("clock")).not_to_have_text(before, timeout=240_000)
            expect(button).to_be_enabled(timeout=240_000)
        self.page.keyboard.press("Escape")

    def leave_traces(self, folder: Path, number: int) -> None:
        """Write what a failed test looked like, and say where."""
        shot, told = folder / f"window-{number}.png", folder / f"window-{number}.json"
        self.page.screenshot(path=shot)
        told.write_text(
            json.dumps({"url": self.page.url, "complaints": self.complaints, "console": self.console}, indent=1)
        )
        print(f"screenshot: {shot}\nconsole: {told}\nserver: {self.product.logs}")
        # Where the files do not survive (a CI machine), the words on the screen tell most of it.
        print(f"at {self.page.url} the screen said:\n{self.page.locator('body').inner_text()[:6000]}")
