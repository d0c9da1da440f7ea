"""Is the web app rebuilt exactly when its sources changed, and does a failed build say why?"""

import subprocess
from pathlib import Path

import pytest

from tandem.cli import frontend
from tandem.kernel.errors import Unavailable


class FakeNode:
    """Stands in for npm: notes what was asked for and writes what a build would write."""

    def __init__(self, fail: str = "", mirror_lacks_optional: bool = False) -> None:
        self.asked: list[str] = []
        self.fail = fail
        self.mirror_lacks_optional = mirror_lacks_optional

    def run(self, arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
        self.asked.append(" ".join(arguments[:2]))
        if self.mirror_lacks_optional and arguments[0] == "ci":
            return subprocess.CompletedProcess(arguments, 1, "", "npm error Missing: @x/y@ from lock file")
        if self.fail and arguments[0] == "run":
            return subprocess.CompletedProcess(arguments, 2, "", self.fail)
        (folder / "node_modules").mkdir(exist_ok=True)
        if arguments[0] == "run":
            (folder / "dist").mkdir(exist_ok=True)
            (folder / "dist" / "index.html").write_text("<html>")
        return subprocess.CompletedProcess(arguments, 0, "", "")


@pytest.fixture
def web(tmp_path: Path) -> Path:
    for name in ("package.json", "package-lock.json", "index.html", "src/main.tsx", "public/icon.svg"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    return tmp_path


def build(web: Path, node: FakeNode, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(frontend, "find_node", lambda: node)
    node.asked.clear()
    frontend.ensure_built(web, lambda zh, en: None)
    return node.asked


def test_it_builds_once_and_again_when_a_source_changes(web: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = FakeNode()
    assert build(web, node, monkeypatch) == ["ci --no-audit", "run build"]
    assert build(web, node, monkeypatch) == []
    (web / "src" / "main.tsx").write_text("changed")
    assert build(web, node, monkeypatch) == ["run build"]
    (web / "package-lock.json").write_text("changed")
    assert build(web, node, monkeypatch) == ["ci --no-audit", "run build"]
    (web / "src" / "main.tsx").rename(web / "src" / "other.tsx")
    assert build(web, node, monkeypatch) == ["run build"]


def test_a_mirror_without_other_platforms_packages_serves(web: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = FakeNode(mirror_lacks_optional=True)
    assert build(web, node, monkeypatch) == ["ci --no-audit", "install --no-save", "run build"]


def test_a_failed_build_says_why_and_is_tried_again(web: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = FakeNode(fail="src/main.tsx(3,1): error TS2304: Cannot find name 'x'.\nmore")
    with pytest.raises(Unavailable, match="Cannot find name 'x'"):
        build(web, node, monkeypatch)
    node.fail = ""
    assert build(web, node, monkeypatch) == ["run build"]


def test_the_packaged_node_runs() -> None:
    node = frontend.find_node()
    assert node.run(["--version"], Path()).returncode == 0
