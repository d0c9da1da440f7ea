"""The roles every tenant starts with, as data. Built-in roles cannot be edited; a tenant that wants another makes its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tandem.access.permissions import EVERYTHING


@dataclass(frozen=True, slots=True)
class BuiltInRole:
    """A role by its permanent code, its two names and its permissions."""

    code: str
    zh: str
    en: str
    permissions: tuple[str, ...]


_SHOP_FLOOR: Final = (
    "board.read",
    "customer.read",
    "customer.write",
    "privacy.personal",
    "order.read",
    "thing.read",
    "segment.read",
    "message.read",
    "coupon.read",
    "coupon.redeem",
    "points.read",
    "task.read",
    "task.decide",
    "sidebar.use",
    "lead.read",
    "lead.write",
)

BUILT_IN_ROLES: Final = (
    BuiltInRole("admin", "管理员", "Administrator", (EVERYTHING,)),
    BuiltInRole(
        "marketing_assistant",
        "营销专员",
        "Marketing assistant",
        (
            "board.read",
            "customer.read",
            "customer.write",
            "customer.export",
            "privacy.personal",
            "segment.*",
            "flow.*",
            "task.*",
            "message.*",
            "template.write",
            "coupon.read",
            "coupon.write",
            "points.*",
            "contact.*",
            "material.write",
            "performance.read",
            "sidebar.use",
            "lead.*",
            "order.read",
            "stock.write",
            "thing.*",
            "spend.write",
            "import.write",
            "settings.read",
            "clock.move",
        ),
    ),
    BuiltInRole(
        "store_manager",
        "店长",
        "Store manager",
        (*_SHOP_FLOOR, "points.write", "user.read", "flow.adapt", "performance.read", "performance.decide"),
    ),
    BuiltInRole(
        "region_manager",
        "区域经理",
        "Region manager",
        (
            *_SHOP_FLOOR,
            "points.write",
            "user.read",
            "flow.read",
            "flow.adapt",
            "contact.read",
            "thing.write",
            "performance.read",
            "performance.decide",
        ),
    ),
    BuiltInRole("agent", "客服", "Agent", _SHOP_FLOOR),
    BuiltInRole(
        "finance",
        "财务",
        "Finance",
        ("board.read", "order.read", "coupon.read", "points.read", "audit.read", "settings.read", "performance.read"),
    ),
    BuiltInRole(
        "compliance",
        "合规专员",
        "Compliance officer",
        (
            "archive.*",
            "board.read",
            "contact.read",
            "material.approve",
            "customer.read",
            "customer.write",
            "order.read",
            "message.read",
            "privacy.*",
            "rights.*",
            "export.approve",
            "audit.read",
            "settings.read",
            "user.read",
        ),
    ),
    BuiltInRole(
        "operator",
        "运维",
        "Operator",
        (
            "board.read",
            "settings.*",
            "user.read",
            "audit.read",
            "api_key.write",
            "webhook.*",
            "rights.read",
            "rights.write",
            "metrics.read",
            "flow.read",
            "message.read",
            "import.write",
            "event.write",
            "source.*",
            "clock.move",
        ),
    ),
)

_BY_CODE: Final = {role.code: role for role in BUILT_IN_ROLES}


def built_in_names(code: str) -> tuple[str, str] | None:
    """The Chinese and English name of a built-in role, or None for a tenant's own."""
    role = _BY_CODE.get(code)
    return (role.zh, role.en) if role else None
