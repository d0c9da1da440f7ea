"""Tencent Cloud's callbacks: an array of fates, or of what people answered.

`sid` is the SerialNo that it answered when it took the message.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from tandem.catalog.label import Label
from tandem.connectors.kit.digests import sha256_hex
from tandem.connectors.kit.reporting import Answered, Report, ReportDoor
from tandem.stream.sources.connector import register_connector


def read_one(item: Mapping[str, Any]) -> Report | None:
    """One fate; a reply of the person has no `report_status` and is none."""
    state, ref = str(item.get("report_status") or ""), str(item.get("sid") or "")
    if not state or not ref:
        return None
    at, told = str(item.get("user_receive_time") or ""), str(item.get("errmsg") or "")
    return Report(ref, state == "SUCCESS", at, "" if state == "SUCCESS" else told)


def read_answer(item: Mapping[str, Any]) -> Answered | None:
    """What a person wrote back: `text` from `mobile`, at `time` in seconds since 1970. Nothing names it but what it says.

    Raises ValueError.
    """
    mobile, nation = str(item.get("mobile") or ""), str(item.get("nationcode") or "86").lstrip("+")
    if "text" not in item or not mobile:
        return None
    at = datetime.fromtimestamp(int(str(item.get("time") or "")), UTC)
    ref = sha256_hex(f"{nation}|{mobile}|{at.timestamp():.0f}|{item['text']}")[:40]
    return Answered(mobile if nation == "86" else f"+{nation}{mobile}", str(item["text"]), at, ref)


DOOR: Final = ReportDoor(
    "tencent_sms", Label("腾讯云短信回执与上行", "Tencent Cloud SMS reports and replies"), "sms", '{"result":0,"errmsg":"OK"}', read_one,
    read_answer=read_answer,
)  # fmt: skip
register_connector(DOOR)
