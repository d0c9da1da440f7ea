"""The trail of every change: who, what, before, after, when, by which request."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, Final, cast
from uuid import UUID

from psycopg.types.json import Jsonb

from tandem.kernel.db import Tx
from tandem.kernel.ids import new_id


@dataclass(slots=True)
class Origin:
    """Where a change comes from. One object per request: the web edge makes it, the gate adds the API key."""

    request_id: str | None = None
    address: str | None = None
    api_key_id: UUID | None = None
    privacy: frozenset[str] | None = None
    """The classes of data that the caller may see; None outside a request, where nobody looks."""


_origin: ContextVar[Origin | None] = ContextVar("tandem_origin", default=None)


def origin() -> Origin:
    """The origin of what is being done now; an empty one outside a request (worker, command line)."""
    return _origin.get() or Origin()


def begin_origin(request_id: str, address: str | None) -> Origin:
    """Start a request's origin; handlers that run in threads see the same object."""
    made = Origin(request_id, address)
    _origin.set(made)
    return made


@contextmanager
def seen_by(privacy: frozenset[str]) -> Generator[None]:
    """For work done outside a request for somebody who will read it: only these classes of data are opened."""
    token = _origin.set(replace(origin(), privacy=privacy))
    try:
        yield
    finally:
        _origin.reset(token)


def record(
    tx: Tx,
    action: str,
    entity: str,
    entity_id: object,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write one audit entry in the caller's transaction: the change and its trace commit together or not at all.

    `action` is `<entity>.<past participle>` ("flow.published"). `before` and `after` hold only the fields that changed, as JSON values
    (ids, numbers, texts); personal data goes in as "***" or a reference, never in the clear (ENGINE_RULES 20).
    """
    _write(tx, action, entity, [(entity_id, before, after)])


def record_all(tx: Tx, action: str, entity: str, seen: Sequence[tuple[object, Mapping[str, Any]]]) -> None:
    """One entry for each (entity id, what was done with it), in one statement; see `record`."""
    if seen:
        _write(tx, action, entity, [(one, None, after) for one, after in seen])


_ENTRIES: Final = """
insert into audit_entry (tenant_id, id, at, user_id, api_key_id, action, entity, entity_id, before, after, request_id, address)
select %(tenant)s, n.id, now(), %(user)s, %(key)s, %(action)s, %(entity)s, n.entity_id, n.before, n.after, %(request)s, %(address)s
from unnest(%(ids)s::uuid[], %(entity_ids)s::text[], %(befores)s::jsonb[], %(afters)s::jsonb[]) as n(id, entity_id, before, after)
"""


def _write(
    tx: Tx,
    action: str,
    entity: str,
    entries: Sequence[tuple[object, Mapping[str, Any] | None, Mapping[str, Any] | None]],
) -> None:
    came = origin()
    tx.execute(
        _ENTRIES,
        {
            "tenant": tx.tenant_id,
            "user": tx.user_id,
            "key": came.api_key_id,
            "action": action,
            "entity": entity,
            "ids": [new_id() for _ in entries],
            "entity_ids": [str(one) for one, _, _ in entries],
            "befores": [None if one is None else Jsonb(plain(one)) for _, one, _ in entries],
            "afters": [None if one is None else Jsonb(plain(one)) for _, _, one in entries],
            "request": came.request_id,
            "address": came.address,
        },
    )


def plain(value: Any) -> Any:
    """JSON values as they are; ids, times, decimals and other things as their text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in cast("Iterable[Any]", value)]
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only what differs, on both sides: ({"name": "old"}, {"name": "new"})."""
    keys = [key for key in after if before.get(key) != after[key]]
    return {key: before.get(key) for key in keys}, {key: after[key] for key in keys}
