"""A tenant behind the door, without HTTP: hand it records as dicts, look at what they became."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from harness.database import Database as TestDatabase
from tandem.assembly import load_tables
from tandem.domains.commerce.door import DOOR_KINDS
from tandem.kernel.crypto import MasterKey
from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import new_id
from tandem.kernel.settings import settings
from tandem.stream.door.kinds import DoorKind, DoorKinds
from tandem.stream.door.people_kinds import PEOPLE_KINDS
from tandem.stream.door.service import Answer, accept
from tandem.stream.door.wire import parse

load_tables()

KINDS = DoorKinds((*PEOPLE_KINDS, *DOOR_KINDS))


def moment(minutes: float = 0) -> str:
    """Some minutes from an hour ago, as ISO text."""
    return (datetime.now(UTC) - timedelta(hours=1) + timedelta(minutes=minutes)).isoformat()


def phone(number: int) -> dict[str, str]:
    return {"kind": "phone", "value": f"1371{number:07d}"}


def email(name: str) -> dict[str, str]:
    return {"kind": "email", "value": f"{name}@mail.cn"}


def member(number: object, scope: str = "") -> dict[str, str]:
    return {"kind": "member_no", "value": f"M{number}", "scope": scope}


def device(name: str) -> dict[str, str]:
    return {"kind": "device", "value": f"device-{name}"}


@dataclass
class Door:
    """One tenant in a database of its own."""

    database: TestDatabase
    tenant: UUID = field(default_factory=new_id)
    kinds: DoorKinds = KINDS
    db: Database = field(init=False)
    _number: int = 0

    def __post_init__(self) -> None:
        self.db = Database(self.database.urls(), size=10)
        key = MasterKey(settings().master_key_bytes()).new_tenant_key()
        with self.database.connect() as owner:
            owner.execute(
                "insert into tenant (id, code, name, demo, key_enc) values (%s, %s, '试用', true, %s)",
                (self.tenant, str(self.tenant), key),
            )

    @contextmanager
    def tx(self, role: str = "door") -> Iterator[Tx]:
        with self.db.tx(role, tenant=self.tenant) as tx:  # type: ignore[arg-type]
            yield tx

    def record(self, kind: str, payload: dict[str, Any], **more: Any) -> dict[str, Any]:
        self._number += 1
        return {
            "source": "shop",
            "external_id": f"r{self._number}",
            "kind": kind,
            "time": moment(),
            "payload": payload,
            **more,
        }

    def behaviour(self, *identifiers: dict[str, str], **more: Any) -> dict[str, Any]:
        return self.record("behaviour", {"name": "looked", "identifiers": list(identifiers), "at": moment()}, **more)

    def order(
        self, order_id: str, *identifiers: dict[str, str], status: str = "paid", version: int = 1, **more: Any
    ) -> dict[str, Any]:
        payload = {
            "order_id": order_id,
            "identifiers": list(identifiers),
            "status": status,
            "placed_at": moment(0),
            "paid_at": None if status == "placed" else moment(1),
            "modified_at": moment(1 + version),
            "total": 10 + version,
            "lines": [{"line_no": 1, "product_id": "p1", "quantity": 1, "amount": 10 + version}],
        }
        return self.record("order", payload, **more)

    def send(self, *records: dict[str, Any], partial: bool = False) -> Answer:
        body = json.dumps({"events": list(records)}).encode()
        with self.tx() as tx:
            return accept(tx, self.kinds, parse(body), partial=partial)

    def rows(self, statement: str, *params: object) -> list[tuple[Any, ...]]:
        with self.database.connect() as owner:
            return owner.execute(statement, params or None).fetchall()  # type: ignore[arg-type]

    def value(self, statement: str, *params: object) -> Any:
        return self.rows(statement, *params)[0][0]

    def inbox(self, type_: str) -> list[dict[str, Any]]:
        """Events of a type that wait in the inbox, oldest first."""
        names = ("customer_id", "origin_id", "subject_id", "bucket", "payload", "mode", "lane")
        found = self.rows(f"select {', '.join(names)} from inbox where type = %s order by occurred_at, event_id", type_)
        return [dict(zip(names, row, strict=True)) for row in found]

    def customers(self) -> list[UUID]:
        return [
            row[0]
            for row in self.rows(
                "select id from customer where tenant_id = %s and merged_into is null order by id", self.tenant
            )
        ]

    def partition(self, groups: Sequence[dict[str, str]] = ()) -> set[frozenset[bytes]]:
        """Which identifiers name one person, by their hashes."""
        del groups
        named: dict[UUID, set[bytes]] = {}
        for customer, value_hash in self.rows("select customer_id, value_hash from identifier"):
            named.setdefault(customer, set()).add(bytes(value_hash))
        return {frozenset(one) for one in named.values()}

    def close(self) -> None:
        self.db.close()


__all__ = ["KINDS", "Door", "DoorKind", "device", "email", "member", "moment", "phone"]
