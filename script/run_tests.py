"""Run the tests in groups and say honestly how each went. Started by ``script/test`` inside the environment.

Groups are the folders of ``tests/``; ``web`` is the web app's own unit tests. The last lines are pytest's own, for all of its groups
run as one: a summary that no wrapper rewrites.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from browser import Missing, find_or_install

from tandem.cli import frontend
from tandem.cli.talk import complain, say
from tandem.kernel.errors import TandemError

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "web"
PYTEST_GROUPS = tuple(
    sorted({path.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").glob("*/**/test_*.py")})
)
GROUPS = (*PYTEST_GROUPS, "web")
NOTHING_COLLECTED = 5


@dataclass(frozen=True)
class Result:
    """How one part went."""

    name: str
    ok: bool
    seconds: float
    remark: str = ""


def main() -> int:
    chosen = arguments()
    begun = time.monotonic()
    results: list[Result] = []
    folders = [name for name in PYTEST_GROUPS if name in chosen.groups]
    environment = cached(os.environ)
    results += web_parts(tests="web" in chosen.groups, app="browser" in folders)
    if "browser" in folders:
        try:
            environment["TANDEM_CHROMIUM"] = str(find_or_install())
        except Missing as missing:
            complain(missing.zh, missing.en)
            results.append(Result("chromium", ok=False, seconds=0.0, remark=missing.en))
            folders.remove("browser")
    if folders:
        results.append(timed("pytest", lambda: python_tests(folders, chosen.rest, environment)))
    code = summary(results)
    print(f"{'':>8}  {'total':<10} {time.monotonic() - begun:7.1f} s")
    return code


def cached(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment in which Python keeps what it compiled: a hundred processes load Tandem in a run, and containers often forbid it."""
    return {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}


def workers() -> str:
    """One more than there are cores: tests that kill processes, and those in a browser, spend a fifth of their time waiting."""
    return os.environ.get("TANDEM_TEST_WORKERS") or str(min(4, max(1, os.cpu_count() or 1) + 1))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/test", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="group", help=f"of {', '.join(GROUPS)}; all when none is named")
    known, rest = parser.parse_known_args()
    unknown = [name for name in known.groups if name not in GROUPS]
    if unknown:
        parser.error(f"unknown group {unknown[0]!r}; there are {', '.join(GROUPS)}")
    known.groups = known.groups or list(GROUPS)
    known.rest = rest
    return known


def timed(name: str, work: Callable[[], str]) -> Result:
    """Run a part; what it returns is the reason why it failed, or nothing."""
    begun = time.monotonic()
    remark = work()
    return Result(name, ok=not remark, seconds=time.monotonic() - begun, remark=remark)


def python_tests(folders: list[str], rest: list[str], environment: dict[str, str]) -> str:
    """Run pytest over the groups on several workers; tests of one file stay together, so module databases are built once."""
    command = [sys.executable, "-m", "pytest", "-n", workers(), "--dist", "loadfile"]
    command += ["-m", "not bench", "--durations=15", *[f"tests/{name}" for name in folders], *rest]
    code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    if code == NOTHING_COLLECTED:
        return "no test ran"
    return "" if code == 0 else f"exit code {code}"


def web_parts(*, tests: bool, app: bool) -> list[Result]:
    """Test the web app, build it, or both at once: each keeps one core busy."""
    parts = [("web", web_tests)] * tests + [("web app", build_web)] * app
    # Both need the packages, which one has to install before the other may look at them.
    ready = bool(parts) and not web_packages()
    with ThreadPoolExecutor(2 if ready else 1) as crew:
        return list(crew.map(lambda part: timed(*part), parts))


def web_packages() -> str:
    """Install the web app's packages; the parts say better what is wrong when that fails."""
    try:
        frontend.ensure_packages(WEB, frontend.find_node(), say)
    except TandemError as error:
        return error.en
    return ""


def web_tests() -> str:
    """Run the web app's unit tests with vitest."""
    if not (WEB / "package.json").is_file():
        return ""
    try:
        node = frontend.find_node()
        frontend.ensure_packages(WEB, node, say)
    except TandemError as error:
        return error.en
    done = node.run(["run", "test"], WEB)
    print(done.stdout[-20_000:] + done.stderr[-5_000:], flush=True)
    return "" if done.returncode == 0 else f"exit code {done.returncode}"


def build_web() -> str:
    """Build the web app that the browser tests open."""
    try:
        frontend.ensure_built(WEB, say)
    except TandemError as error:
        return error.en
    return ""


def summary(results: list[Result]) -> int:
    failed = [result for result in results if not result.ok]
    for result in results:
        mark = "ok" if result.ok else "FAILED"
        print(f"{mark:>8}  {result.name:<10} {result.seconds:7.1f} s  {result.remark}".rstrip())
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main())
