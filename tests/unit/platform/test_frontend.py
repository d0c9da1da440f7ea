"""Is the web app rebuilt exactly when its sources changed, and does a failed build say why?"""

import shutil
import sys
from pathlib import Path

import pytest

from tandem.cli import frontend, npm
from tandem.cli.npm import Ended, NpmTrouble, Watch
from tandem.kernel.errors import Unavailable


class FakeNode:
    """Stands in for npm: notes what was asked for and writes what a build would write."""

    def __init__(self, fail: str = "", mirror_lacks_optional: bool = False, line: list[str] | None = None) -> None:
        self.asked: list[str] = []
        self.fail = fail
        self.mirror_lacks_optional = mirror_lacks_optional
        self.line = line or []

    def watched(self, arguments: list[str], folder: Path, watch: Watch) -> Ended:
        self.asked.append(" ".join(arguments[:2]))
        if self.line and arguments[0] == "ci" and (broken := self.line.pop(0)):
            return Ended(1, broken)
        if self.mirror_lacks_optional and arguments[0] == "ci":
            return Ended(1, "npm error Missing: @x/y@ from lock file")
        if self.fail and arguments[0] == "run":
            return Ended(2, self.fail)
        (folder / "node_modules").mkdir(exist_ok=True)
        if arguments[0] == "run":
            (folder / "dist").mkdir(exist_ok=True)
            (folder / "dist" / "index.html").write_text("<html>")
        return Ended(0, "")


@pytest.fixture
def web(tmp_path: Path) -> Path:
    return sources(tmp_path / "one" / "web")


def sources(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name in ("package.json", "package-lock.json", "index.html", "src/main.tsx", "public/icon.svg"):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    return folder


def build(web: Path, node: FakeNode, monkeypatch: pytest.MonkeyPatch, said: list[str] | None = None) -> list[str]:
    monkeypatch.setattr(frontend, "find_node", lambda: node)
    monkeypatch.setattr(npm, "PAUSES_SECONDS", (0.0, 0.0))
    node.asked.clear()
    frontend.ensure_built(web, lambda zh, en: (said if said is not None else []).append(en))
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


RESET = "npm error code ECONNRESET\nnpm error network read ECONNRESET\n"


def test_a_broken_line_is_tried_again(web: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    node = FakeNode(line=[RESET, RESET])
    assert build(web, node, monkeypatch, said) == ["ci --no-audit"] * 3 + ["run build"]
    assert sum("try" in one for one in said) == 2


def test_a_registry_out_of_reach_is_one_sentence_with_the_remedy(web: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NpmTrouble, match=r"check the network.*NPM_CONFIG_REGISTRY.*web-app\.log"):
        build(web, FakeNode(line=[RESET] * 3), monkeypatch)


def test_an_unknown_certificate_is_not_tried_again(web: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = FakeNode(line=["npm error code SELF_SIGNED_CERT_IN_CHAIN\nnpm error network self-signed\n"])
    with pytest.raises(NpmTrouble, match="NODE_EXTRA_CA_CERTS"):
        build(web, node, monkeypatch)
    assert node.asked == ["ci --no-audit"]


def test_a_full_disk_is_said(web: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unavailable) as caught:
        build(web, FakeNode(line=["npm error code ENOSPC\n"]), monkeypatch)
    assert caught.value.code == "disk_full"


def test_without_a_network_the_web_app_built_before_serves(web: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(web, FakeNode(), monkeypatch)
    shutil.rmtree(web / "node_modules")
    (web / "src" / "main.tsx").write_text("changed")
    said: list[str] = []
    assert "run build" not in build(web, FakeNode(line=[RESET] * 3), monkeypatch, said)
    assert "out of date" in said[-1]
    assert "run build" in build(web, FakeNode(), monkeypatch)


def test_a_built_web_app_may_be_carried_elsewhere(web: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(web, FakeNode(), monkeypatch)
    other = sources(tmp_path / "two" / "web")
    shutil.copytree(web / "dist", other / "dist")
    assert build(other, FakeNode(), monkeypatch) == []


def test_a_slow_program_is_spoken_of_and_logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(npm, "TELL_SECONDS", 0.0)
    said: list[str] = []
    log = tmp_path / "logs" / "npm.log"
    words = [
        "npm http fetch GET 200 https://mirror/x-1.0.tgz 12ms",
        "npm http fetch GET y attempt 1 failed with ETIMEDOUT",
        "npm error why",
    ]
    program = [sys.executable, "-c", f"print({chr(10).join(words)!r}); raise SystemExit(3)"]
    watch = Watch(lambda zh, en: said.append(en), log, ("网页", "web"), 5)
    ended = watch.follow(lambda: npm.spawn(program, tmp_path, None))
    assert ended == Ended(3, "npm error why\n")
    assert any("1 of 5 packages" in one for one in said)
    assert any("ETIMEDOUT, attempt 1" in one for one in said)
    assert "npm http fetch GET 200 https://mirror/x-1.0.tgz 12ms" in log.read_text()


def test_a_program_that_falls_silent_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(npm, "SILENCE_SECONDS_MAX", 0.0)
    monkeypatch.setattr(npm, "_ends_soon", lambda process: False)
    watch = Watch(lambda zh, en: None, tmp_path / "npm.log", ("网页", "web"))
    ended = watch.follow(lambda: npm.spawn([sys.executable, "-c", "import signal; signal.pause()"], tmp_path, None))
    assert ended.line_broke
