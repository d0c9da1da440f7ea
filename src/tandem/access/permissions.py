"""Permissions as data, and the pure rules over them: what a wildcard covers, how far a grant reaches.

A permission is `<area>.<verb>`. Rooms declare theirs in their manifests; access declares its own here. Roles may hold wildcards
(`customer.*`, `*`), so that a built-in role grows with the house.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from tandem.kernel.db import Scope
from tandem.kernel.errors import Forbidden

EVERYTHING = "*"

#: From narrow to wide; who holds a permission twice has it in the wider reach.
REACH = ("own", "store", "region", "all")


@dataclass(frozen=True, slots=True)
class Permission:
    """One right a role can carry. `name` is permanent; the labels are what the settings screen shows."""

    name: str
    zh: str
    en: str


ACCESS_PERMISSIONS: tuple[Permission, ...] = (
    Permission("settings.read", "查看设置", "See settings"),
    Permission("settings.write", "修改设置", "Change settings"),
    Permission("user.read", "查看员工", "See people"),
    Permission("user.write", "管理员工", "Manage people"),
    Permission("role.write", "管理角色", "Manage roles"),
    Permission("api_key.write", "管理 API 密钥", "Manage API keys"),
    Permission("audit.read", "查看审计记录", "Read the audit trail"),
    Permission("clock.move", "拨动演示时钟", "Move the demo clock"),
    Permission("board.read", "查看首页看板", "See the home board"),
    Permission("metrics.read", "读取运行指标", "Read service metrics"),
    Permission("privacy.personal", "看到个人信息（姓名、联系方式）", "See personal data (names, contact details)"),
    Permission(
        "privacy.sensitive", "看到敏感信息（健康、孕期、精确位置）", "See sensitive data (health, pregnancy, place)"
    ),
)


@dataclass(frozen=True, slots=True)
class Grant:
    """What one role assignment gives: some permissions, within one data scope (`store_ids` already spelt out)."""

    permissions: frozenset[str]
    scope: str
    store_ids: tuple[UUID, ...] = ()


_KNOWN: dict[str, Permission] = {one.name: one for one in ACCESS_PERMISSIONS}


def know(permissions: Iterable[Permission]) -> None:
    """Learn what the other rooms' rights are called; the assembly says it as it puts them together."""
    _KNOWN.update((one.name, one) for one in permissions)


def called(name: str) -> Permission:
    """A right as people know it; one that nobody has declared by its name."""
    return _KNOWN.get(name, Permission(name, name, name))


def covers(held: Iterable[str], wanted: str) -> bool:
    """Whether one of the permissions held, wildcards included, is or contains `wanted` (itself possibly a wildcard)."""
    return any(one in {wanted, EVERYTHING} or (one.endswith(".*") and wanted.startswith(one[:-1])) for one in held)


def overlap(one: Iterable[str], other: Iterable[str]) -> frozenset[str]:
    """What two sets of permissions, wildcards included, both give."""
    left, right = frozenset(one), frozenset(other)
    return frozenset({name for name in left if covers(right, name)} | {name for name in right if covers(left, name)})


def expand(held: Iterable[str], known: Iterable[str]) -> list[str]:
    """The known permissions that are held, sorted: what a screen needs to decide what to show."""
    patterns = tuple(held)
    return sorted(name for name in set(known) if covers(patterns, name))


def reach_of(grants: Sequence[Grant], permission: str) -> Scope | None:
    """How far the grants carry `permission`, or None where they do not.

    The widest kind wins and stores add up. "own" keeps working inside wider scopes because a person's own rows are always visible.
    """
    giving = [grant for grant in grants if covers(grant.permissions, permission)]
    if not giving:
        return None
    kind = max((grant.scope for grant in giving), key=REACH.index)
    if kind == "all":
        return Scope.all()
    stores = sorted({store for grant in giving for store in grant.store_ids})
    return Scope(kind, tuple(stores))


def within(inner: Scope, outer: Scope) -> bool:
    """Whether everything `inner` shows is also shown by `outer`, for the same person."""
    if outer.kind == "all":
        return True
    return inner.kind != "all" and set(inner.store_ids) <= set(outer.store_ids)


def narrower(one: Scope, other: Scope) -> Scope:
    """What both scopes show, for the same person: how far something reaches that needs two permissions."""
    if "all" in {one.kind, other.kind}:
        return other if one.kind == "all" else one
    both = set(one.store_ids) & set(other.store_ids)
    return Scope(min(one.kind, other.kind, key=REACH.index), tuple(sorted(both)))


def unknown(permissions: Iterable[str], known: Iterable[str]) -> list[str]:
    """The names that are neither a known permission nor a wildcard over one, sorted."""
    names = set(known)
    areas = {f"{name.partition('.')[0]}.*" for name in names}
    return sorted(set(permissions) - names - areas - {EVERYTHING})


def refuse_escalation(grants: Sequence[Grant], permissions: Iterable[str], scope: Scope) -> None:
    """Nobody hands out what they do not hold, nor further than they hold it.

    A wildcard may be given only by whom a wildcard as wide was given. Raises Forbidden naming the first permission that is too much.
    """
    for permission in sorted(permissions):
        reach = reach_of(grants, permission)
        if reach is None or not within(scope, reach):
            raise Forbidden(
                "escalation",
                f"不能授予自己没有的权限或更大的数据范围：{called(permission).zh}。",
                f"You cannot grant what you do not hold, or further than you hold it: {called(permission).en}.",
            )
