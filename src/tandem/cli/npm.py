"""Run npm so that a person sees it move: progress, patience with a poor line, a log file, one sentence when it fails."""

from __future__ import annotations

import os
import re
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from typing import Final

from tandem.kernel.errors import Unavailable
from tandem.kernel.postgres import Say, trouble

TELL_SECONDS: Final = 10.0
"""At least so often a running npm is spoken of."""
SILENCE_SECONDS_MAX: Final = 300.0
"""An npm that has said nothing for so long is stopped and counts as a broken line: a download of one package takes seconds."""
PAUSES_SECONDS: Final = (3.0, 15.0)
"""Before the second and the third try."""

_HTTP: Final = re.compile(r"^npm http (?:fetch|cache) ")
_PACKAGE: Final = re.compile(r"\.tgz\b")
_NETWORK: Final = re.compile(
    r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET|EHOSTUNREACH|ENETUNREACH|EPIPE|network|socket hang up"
    r"|\bE50[0234]\b|\bE429\b",
    re.IGNORECASE,
)
#: A proxy that opens TLS, and whose certificate this machine does not know: trying again changes nothing.
_DISTRUSTED: Final = re.compile(r"SELF_SIGNED_CERT|UNABLE_TO_(?:VERIFY|GET)|CERT_HAS_EXPIRED|ERR_TLS_CERT")
_FAILING: Final = re.compile(r"attempt (\d+) failed with (\S+)")
#: A mirror that lacks packages of the lock (those of other platforms, mostly).
_LACKING: Final = re.compile(r"Missing: |\bE404\b|\bETARGET\b|notarget")


class NpmTrouble(Unavailable):
    """npm's registry did not give what the lock names."""


@dataclass(frozen=True)
class Ended:
    """How a program ended, and what it wrote."""

    code: int
    output: str

    @property
    def lacks_packages(self) -> bool:
        """Whether the registry does not have all that the lock names."""
        return self.code != 0 and _LACKING.search(self.output) is not None

    @property
    def line_broke(self) -> bool:
        """Whether trying again may help."""
        return self._unreached and not self.distrusts

    @property
    def distrusts(self) -> bool:
        """Whether the registry's certificate is not believed."""
        return self.code != 0 and _DISTRUSTED.search(self.output) is not None

    @property
    def _unreached(self) -> bool:
        return self.code != 0 and not self.lacks_packages and _NETWORK.search(self.output) is not None


Start = Callable[[], "subprocess.Popen[str]"]


class Watch:
    """Follows one program: writes its words to a log and tells the person how far it is."""

    def __init__(self, say: Say, log: Path, what: tuple[str, str], packages: int = 0) -> None:
        self._say = say
        self._log = log
        self._what = what
        self._packages = packages

    def follow(self, start: Start) -> Ended:
        """Start the program and see it to its end. Ctrl-C ends it too."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        lines: Queue[str | None] = Queue()
        process = start()
        reader = threading.Thread(target=_read, args=(process, lines), daemon=True)
        reader.start()
        try:
            with self._log.open("a", encoding="utf-8") as log:
                log.write(f"\n== {time.strftime('%Y-%m-%d %H:%M:%S')} {self._what[1]}\n")
                output, silent = self._listen(lines, log.write)
        finally:
            if process.poll() is None and not _ends_soon(process):
                process.kill()
        code = process.wait()
        return Ended(code or 1, f"{output}\nnetwork: silence") if silent else Ended(code, output)

    def _listen(self, lines: Queue[str | None], write: Callable[[str], object]) -> tuple[str, bool]:
        """All that was said, and whether it fell silent for too long."""
        said: list[str] = []
        fetched = 0
        began = told = heard = time.monotonic()
        while True:
            try:
                line = lines.get(timeout=1.0)
                heard = time.monotonic()
            except Empty:
                line = ""
            if line is None:
                return "".join(said), False
            if line:
                write(line)
                failing = _FAILING.search(line)
                if failing:
                    self._say(
                        f"  {self._what[0]}：npm 源没有应答（{failing[2]}，第 {failing[1]} 次）",
                        f"  {self._what[1]}: no answer from the registry ({failing[2]}, attempt {failing[1]})",
                    )
                elif _HTTP.match(line):
                    fetched += bool(_PACKAGE.search(line))
                else:
                    said.append(line)
            now = time.monotonic()
            if now - heard > SILENCE_SECONDS_MAX:
                return "".join(said), True
            if now - told >= TELL_SECONDS:
                told = now
                self._tell(fetched, now - began, now - heard)

    def _tell(self, fetched: int, seconds: float, quiet: float) -> None:
        zh, en = self._what
        count_zh = f"已取得 {fetched}/{self._packages} 个包，" if self._packages and fetched else ""
        count_en = f"{fetched} of {self._packages} packages, " if self._packages and fetched else ""
        stall_zh = f"（已 {quiet:.0f} 秒没有回应，仍在等待）" if quiet > 2 * TELL_SECONDS else ""
        stall_en = f" (no answer for {quiet:.0f} s, still waiting)" if quiet > 2 * TELL_SECONDS else ""
        self._say(f"  {zh}：{count_zh}{seconds:.0f} 秒{stall_zh}", f"  {en}: {count_en}{seconds:.0f} s{stall_en}")


def _read(process: subprocess.Popen[str], lines: Queue[str | None]) -> None:
    for line in process.stdout or ():
        lines.put(line)
    lines.put(None)


def _ends_soon(process: subprocess.Popen[str]) -> bool:
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        return False
    return True


def surroundings(folder: Path, path: Path | None) -> dict[str, str]:
    """The environment npm runs in, with `path` first on the search path."""
    environment = os.environ | {"CI": "true"}
    # npm asks for a home to keep its cache in; a service account may have none.
    environment.setdefault("HOME", str(folder))
    # Node brings certificates of its own; those this machine was taught (a company's proxy) count as well.
    known = ssl.get_default_verify_paths().cafile
    if known:
        environment.setdefault("NODE_EXTRA_CA_CERTS", known)
    if path is not None:
        environment["PATH"] = f"{path}{os.pathsep}{os.environ.get('PATH') or os.defpath}"
    return environment


def spawn(command: Sequence[str], folder: Path, path: Path | None) -> subprocess.Popen[str]:
    """Start npm in a folder; its words come together on one pipe."""
    return subprocess.Popen(
        list(command),
        cwd=folder,
        env=surroundings(folder, path),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


def patiently(attempt: Callable[[], Ended], say: Say, pause: Callable[[float], object] = time.sleep) -> Ended:
    """Try again, twice, where the line broke."""
    ended = attempt()
    for number, seconds in enumerate(PAUSES_SECONDS, 2):
        if not ended.line_broke:
            return ended
        say(
            f"下载中断（{reason_in(ended.output)}），{seconds:.0f} 秒后第 {number} 次尝试。",
            f"The download broke off ({reason_in(ended.output)}); try {number} in {seconds:.0f} s.",
        )
        pause(seconds)
        ended = attempt()
    return ended


def check(ended: Ended, what: str, log: Path) -> None:
    """Raise one sentence with the remedy where npm failed. The whole of what it said is in the log."""
    if ended.code == 0:
        return
    if "ENOSPC" in ended.output or "No space left on device" in ended.output:
        raise trouble.disk_full(what)
    reason = reason_in(ended.output)
    if ended.distrusts:
        raise NpmTrouble(
            "npm_registry",
            f"本机不信任 npm 源的证书（{reason}）；若经代理上网，请用 NODE_EXTRA_CA_CERTS 指定代理的证书文件后重新运行。日志：{log}",
            f"This machine does not trust the registry's certificate ({reason}); behind a proxy, name the proxy's certificate file in"
            f" NODE_EXTRA_CA_CERTS and run this again. Log: {log}",
        )
    if ended.line_broke or ended.lacks_packages:
        raise NpmTrouble(
            "npm_registry",
            f"无法从 npm 源取得网页应用的依赖（{reason}）；请检查网络，或用 NPM_CONFIG_REGISTRY 指定可用的镜像后重新运行。日志：{log}",
            f"The web app's packages cannot be fetched ({reason}); check the network, or name a mirror in NPM_CONFIG_REGISTRY,"
            f" and run this again. Log: {log}",
        )
    raise Unavailable(
        "web_build",
        f"网页应用构建失败（{what}）：{reason}。日志：{log}",
        f"The web app could not be built ({what}): {reason}. Log: {log}",
    )


def reason_in(output: str) -> str:
    """The line of npm's (or a compiler's) words that says why."""
    said = [line.strip().removeprefix("npm error").strip() for line in output.splitlines() if "error" in line.lower()]
    lines = [line for line in said if line and not line.startswith(("code ", "A complete log", "errno ", "syscall "))]
    if "network: silence" in output:
        return f"{SILENCE_SECONDS_MAX:.0f} s"
    return (lines[0] if lines else (output.strip().splitlines() or ["?"])[-1])[:200]
