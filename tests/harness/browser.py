"""Headless Chromium for browser tests: the one that `script/test` found or installed, else one on the path."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
# Root may not use the sandbox; the rest keeps the browser from calling home while tests run.
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def executable() -> str | None:
    return os.environ.get("TANDEM_CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a file; make a context per person: `chromium.new_context(viewport=..., locale="zh-CN")`.

    Not for the session: while Playwright runs, its event loop counts as running in the tests' thread, and whatever comes to this
    worker afterwards could not run one of its own.
    """
    program = executable()
    if program is None:
        pytest.skip("no Chromium here; `script/test browser` installs one")
    # Every test run imports this module; few need the half second that Playwright takes.
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()
