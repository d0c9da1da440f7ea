"""What can go wrong with the embedded server, each as one sentence in both languages."""

import re
from typing import Final

from tandem.kernel.errors import Unavailable

_MARK: Final = re.compile(r"\b(FATAL|PANIC|ERROR|error|LOG: +invalid value|LOG: +syntax error|LOG: +unrecognized)\b")


class PostgresTrouble(Unavailable):
    """The embedded PostgreSQL cannot serve; the sentence says why and what to do."""


def disk_full(where: str, free_bytes: int | None = None) -> PostgresTrouble:
    """Return the error for a disk with no room, before the fact (free bytes known) or after it."""
    left = "" if free_bytes is None else f" {free_bytes / 1e9:.2f} GB"
    return PostgresTrouble(
        "disk_full",
        f"磁盘空间不足：{where} 所在磁盘仅剩{left or '极少空间'}，请清理后重试。",
        f"The disk is full: {where} has{left or ' almost nothing'} left; free some space and start again.",
    )


def from_log(code: str, what_zh: str, what_en: str, log: str) -> PostgresTrouble:
    """Return the error for a program that failed, quoting the one line of its output that says why."""
    if "No space left on device" in log:
        return disk_full("PostgreSQL")
    reason = reason_in(log)
    return PostgresTrouble(code, f"{what_zh}：{reason}", f"{what_en}: {reason}")


def reason_in(log: str) -> str:
    """Return the line of a log that names the failure, without its time stamp; the last line when none does."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    # "configuration file ... contains errors" says only that the lines before it name them.
    marked = [line for line in lines if _MARK.search(line) and "contains errors" not in line]
    chosen = (marked or lines or ["?"])[-1]
    found = _MARK.search(chosen)
    return chosen[found.start() :] if found else chosen
