"""Rows on their way into a statement: one JSON document that `jsonb_to_recordset` reads."""

from typing import Any, Final

import msgspec

_ENCODER: Final = msgspec.json.Encoder(decimal_format="string", uuid_format="canonical")


def to_json(rows: Any) -> str:
    """Encode rows; Decimal becomes text, bytes base64, times ISO 8601.

    Both sides together spend a third less on one document than on COPY into a temporary table, half of what arrays cost
    (bench/intake.py measures all three), and row-level security applies to the insert that reads it.
    """
    return _ENCODER.encode(rows).decode()
