"""Find a Chromium for the browser tests, or install one by the means this system offers."""

import glob
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tandem.cli.talk import say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "chrome")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "~/.cache/ms-playwright/chromium-*/chrome-linux*/chrome",
    "~/Library/Caches/ms-playwright/chromium-*/chrome-mac*/Chromium.app/Contents/MacOS/Chromium",
)


class Missing(Exception):  # read as a sentence: `except Missing`
    """No browser here, and none could be installed."""

    zh = "没有找到 Chromium，也无法自动安装：请安装 chromium（或 Chrome、Edge），或用 TANDEM_CHROMIUM 指定它的路径。"
    en = "No Chromium was found and none could be installed: install chromium (or Chrome, Edge), or name it in TANDEM_CHROMIUM."


def find() -> Path | None:
    """Return a browser that starts, else None."""
    named = os.environ.get("TANDEM_CHROMIUM")
    on_path = [found for name in NAMES if (found := shutil.which(name))]
    elsewhere = [found for place in PLACES for found in sorted(glob.glob(os.path.expanduser(place)))]  # noqa: PTH111, PTH207
    candidates = [named] if named else on_path + elsewhere
    return next((Path(one) for one in candidates if starts(one)), None)


def starts(program: str) -> bool:
    """Tell whether a program is a browser that runs here (a package manager's stub is not)."""
    try:
        return subprocess.run([program, "--version"], check=False, capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def find_or_install() -> Path:
    """Return a browser, installing one when there is none: apt-get as root, else Playwright's own. Missing when neither works."""
    found = find()
    if found is not None:
        return found
    say("正在安装 Chromium……", "Installing Chromium ...")
    ways = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        ways.insert(
            0,
            [
                "sh",
                "-c",
                "apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk",
            ],
        )
    for way in ways:
        subprocess.run(way, check=False, capture_output=True, timeout=900)
        found = find()
        if found is not None:
            return found
    raise Missing
