"""Aliyun's SmsReport and SmsUp: an array of fates, or of what people answered. `out_id` is the key that we gave with the message.

The fields of SmsUp were not read at a public page: they are as public clients take them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tandem.catalog.label import Label
from tandem.connectors.kit.digests import sha256_hex
from tandem.connectors.kit.reporting import Answered, Report, ReportDoor, in_china
from tandem.stream.sources.connector import register_connector


def read_one(item: Mapping[str, Any]) -> Report | None:
    """One fate; without `out_id` the text is none of ours."""
    ref = str(item.get("out_id") or "")
    code = str(item.get("err_code") or "")
    delivered = item.get("success") is True
    return Report(ref, delivered, str(item.get("report_time") or ""), "" if delivered else code) if ref else None


def read_answer(item: Mapping[str, Any]) -> Answered | None:
    """What a person wrote back (SmsUp): `content` from `phone_number`, numbered by `sequence_id`. Raises ValueError."""
    phone = str(item.get("phone_number") or "")
    if "content" not in item or not phone:
        return None
    at, number = in_china(str(item.get("send_time") or "")), str(item.get("sequence_id") or "")
    ref = number or sha256_hex(f"{phone}|{item.get('send_time')}|{item['content']}")[:40]
    return Answered(phone, str(item["content"]), at, ref)


DOOR: Final = ReportDoor(
    "aliyun_sms", Label("阿里云短信回执与上行", "Aliyun SMS reports and replies"), "sms", '{"code":0,"msg":"ok"}', read_one, read_answer=read_answer
)  # fmt: skip
register_connector(DOOR)
