"""What a simulated corporation holds, kept over its process's end: codes, groups and tasks of a demo stay what they were."""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast

import msgspec
import structlog

from tandem.connectors.wecom.simulator.corp import Contact, Corp, Department, Group, Member, TagGroup, Welcome

log = structlog.get_logger("tandem.simulator")

OUTGOING_MAX: Final = 2_000
#: Good for minutes: whoever was signing in signs in again.
_PASSING: Final = {"oauth_code"}


class Kept(msgspec.Struct, frozen=True):
    """A corporation as it is written down."""

    seed: int
    epoch: datetime
    departments: dict[int, Department]
    members: dict[str, Member]
    contacts: dict[str, Contact]
    tag_groups: dict[str, TagGroup]
    groups: dict[str, Group]
    stores: dict[str, Any]
    welcomes: dict[str, Welcome]
    outgoing: list[Any]
    events: list[Any]
    limits: dict[str, int]
    number: int


def written(corp: Corp) -> bytes:
    """A corporation as JSON. Raises RuntimeError where it changed just then."""
    stores = {name: _plain(one) for name, one in list(corp.stores.items()) if name not in _PASSING}
    kept = Kept(
        corp.seed, corp.epoch, corp.departments, corp.members, corp.contacts, corp.tag_groups, corp.groups, stores, corp.welcomes,
        _plain(corp.outgoing[-OUTGOING_MAX:]), _plain(list(corp.events)), corp.limits, corp.number,
    )  # fmt: skip
    return msgspec.json.encode(kept)


def read(text: bytes) -> Corp:
    """A corporation out of JSON. Raises msgspec.MsgspecError, ValueError."""
    kept = msgspec.json.decode(text, type=Kept)
    events = cast("list[dict[str, Any]]", _full(kept.events))
    return Corp(
        kept.seed, kept.epoch, kept.departments, kept.members, kept.contacts, kept.tag_groups, kept.groups,
        cast("dict[str, dict[str, dict[str, Any]]]", _full(kept.stores)), kept.welcomes, cast("list[dict[str, Any]]", _full(kept.outgoing)),
        deque(events, maxlen=10_000), kept.limits, number=kept.number,
    )  # fmt: skip


def save(corp: Corp, path: Path) -> bool:
    """Write a corporation down, whole or not at all; False while it changes: the next look does it."""
    try:
        text = written(corp)
    except RuntimeError:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_bytes(text)
    beside.replace(path)
    return True


def restored(path: Path, found: Callable[[], Corp]) -> Corp:
    """The corporation of an earlier process, or a new one where there was none or its file cannot be read."""
    try:
        return read(path.read_bytes())
    except FileNotFoundError:
        return found()
    except (msgspec.MsgspecError, ValueError, OSError) as error:
        log.warning("simulated_corporation_unreadable", path=str(path), why=str(error))
        return found()


def _plain(value: Any) -> Any:
    """A value for JSON: bytes and moments are marked, so that they come back as what they were."""
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, datetime):
        return {"$at": value.isoformat()}
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in list(cast("dict[Any, Any]", value).items())}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in list(cast("list[Any]", value))]
    return value


def _full(value: Any) -> Any:
    if isinstance(value, dict):
        found = cast("dict[str, Any]", value)
        if "$bytes" in found:
            return base64.b64decode(found["$bytes"])
        if "$at" in found:
            return datetime.fromisoformat(found["$at"])
        return {key: _full(one) for key, one in found.items()}
    return [_full(one) for one in cast("list[Any]", value)] if isinstance(value, list) else value
