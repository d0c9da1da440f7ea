"""Aliyun's SmsReport: an array of fates by HTTP. `out_id` is the key that we gave with the message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tandem.catalog.label import Label
from tandem.connectors.kit.reporting import Report, ReportDoor
from tandem.stream.sources.connector import register_connector


def read_one(item: Mapping[str, Any]) -> Report | None:
    """One fate; without `out_id` the text is none of ours."""
    ref = str(item.get("out_id") or "")
    code = str(item.get("err_code") or "")
    delivered = item.get("success") is True
    return Report(ref, delivered, str(item.get("report_time") or ""), "" if delivered else code) if ref else None


DOOR: Final = ReportDoor(
    "aliyun_sms", Label("阿里云短信回执", "Aliyun SMS reports"), "sms", '{"code":0,"msg":"ok"}', read_one
)
register_connector(DOOR)
