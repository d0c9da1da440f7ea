"""A live code as a platform is to hold it, and as it holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodeSpec:
    """A live code as the platform is to hold it."""

    single: bool
    state: str
    remark: str
    skip_verify: bool
    members: Sequence[str]


@dataclass(frozen=True, slots=True)
class Placed:
    """A code as the platform holds it."""

    config_id: str
    qr_url: str
