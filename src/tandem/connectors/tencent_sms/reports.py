"""Tencent Cloud's status callback: an array of fates. `sid` is the SerialNo that it answered when it took the message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tandem.catalog.label import Label
from tandem.connectors.kit.reporting import Report, ReportDoor
from tandem.stream.sources.connector import register_connector


def read_one(item: Mapping[str, Any]) -> Report | None:
    """One fate; a reply of the person has no `report_status` and is none."""
    state, ref = str(item.get("report_status") or ""), str(item.get("sid") or "")
    if not state or not ref:
        return None
    at, told = str(item.get("user_receive_time") or ""), str(item.get("errmsg") or "")
    return Report(ref, state == "SUCCESS", at, "" if state == "SUCCESS" else told)


DOOR: Final = ReportDoor(
    "tencent_sms", Label("腾讯云短信回执", "Tencent Cloud SMS reports"), "sms", '{"result":0,"errmsg":"OK"}', read_one
)
register_connector(DOOR)
