"""Check form, types and floors. Started by ``script/lint`` inside the environment; every check runs, whatever the others say."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tandem.cli import frontend
from tandem.cli.talk import complain, say
from tandem.kernel.errors import TandemError

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "web"
BIN = Path(sys.executable).parent
FOLDERS = [name for name in ("src", "tests", "script", "bench") if (ROOT / name).is_dir()]


def main() -> int:
    fix = "--fix" in sys.argv[1:]
    checks = [
        ("ruff", [BIN / "ruff", "check", *(["--fix"] if fix else []), *FOLDERS]),
        ("ruff format", [BIN / "ruff", "format", *([] if fix else ["--check"]), *FOLDERS]),
        ("import-linter", [BIN / "lint-imports", "--no-logo", "--no-cache"]),
        ("pyright", [sys.executable, "-m", "pyright"]),
    ]
    results = [(name, *timed(command)) for name, command in checks]
    if (WEB / "package.json").is_file():
        results += web_checks()
    for name, code, seconds in results:
        print(f"{'ok' if code == 0 else 'FAILED':>8}  {name:<14} {seconds:6.1f} s")
    return 1 if any(code for _, code, _ in results) else 0


def timed(command: list[object]) -> tuple[int, float]:
    begun = time.monotonic()
    # pyright starts Node; the packaged one serves where the machine has none.
    path = os.pathsep.join(str(folder) for folder in (frontend.find_node().path, os.environ.get("PATH", "")) if folder)
    code = subprocess.run(
        [str(part) for part in command], cwd=ROOT, env={**os.environ, "PATH": path}, check=False
    ).returncode
    return code, time.monotonic() - begun


def web_checks() -> list[tuple[str, int, float]]:
    results: list[tuple[str, int, float]] = []
    try:
        node = frontend.find_node()
        frontend.ensure_packages(WEB, node, say)
    except TandemError as error:
        complain(error.zh, error.en)
        return [("web packages", 1, 0.0)]
    for name, script in (("tsc", "typecheck"), ("eslint", "lint")):
        begun = time.monotonic()
        done = node.run(["run", "--silent", script], WEB)
        if done.returncode:
            print(done.stdout + done.stderr)
        results.append((name, done.returncode, time.monotonic() - begun))
    return results


if __name__ == "__main__":
    sys.exit(main())
