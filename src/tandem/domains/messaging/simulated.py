"""A channel whose phone one can look at: deliveries land in `simulated_inbox`. Its failures can be switched for rehearsals."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

import orjson

from tandem.catalog.label import Label
from tandem.domains.messaging.channel import Delivery, Outgoing, Result
from tandem.domains.messaging.reactions import foresee
from tandem.domains.messaging.sealing import sealed
from tandem.kernel.db import Database, Tx

Mode = Literal["deliver", "fail", "lose", "answer_lost", "throttle"]
MODES: Final[dict[Mode, Label]] = {
    "deliver": Label("正常送达", "Deliver"),
    "fail": Label("渠道拒收", "Refuse"),
    "lose": Label("超时且未送达", "Time out, not delivered"),
    "answer_lost": Label("超时但已送达", "Time out, delivered all the same"),
    "throttle": Label("限流", "Throttle"),
}
_RESULT: Final[dict[Mode, tuple[Result, str | None]]] = {
    "deliver": ("sent", None),
    "fail": ("failed", "refused_by_channel"),
    "lose": ("unknown", "timed_out"),
    "answer_lost": ("unknown", "timed_out"),
    "throttle": ("later", "throttled"),
}
LATENCY_MAX_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How the channel behaves for a tenant now."""

    mode: Mode = "deliver"
    latency_seconds: float = 0.0
    people: bool = False
    """Somebody is behind each phone: messages are read, pressed and answered (`reactions`)."""
    refusing: tuple[str, ...] = ()
    """Channels that refuse whatever the mode."""


_DELIVER: Final = """
insert into simulated_inbox (bucket, id, tenant_id, customer_id, origin_id, template_id, text_enc, delivered_at)
select n.bucket, n.id, %(tenant)s, n.customer_id, n.customer_id, n.template_id, decode(n.text, 'hex'), %(now)s
from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, id uuid, customer_id uuid, template_id uuid, text text)
on conflict (bucket, id) do nothing
"""


_LABEL: Final = Label("模拟渠道", "Simulated channel")


class SimulatedChannel:
    """Delivers into a table. Knows idempotency keys, so a repeat of one message is one message."""

    idempotent = True

    def __init__(self, name: str = "simulated", label: Label = _LABEL) -> None:
        self.name = name
        self.label = label

    def deliver(self, db: Database, tenant_id: UUID, messages: Sequence[Outgoing], until: float) -> list[Delivery]:
        """Write the messages, sealed with their customers' keys, or behave as the tenant's mode says."""
        del until  # it takes them all at once
        with db.tx("worker", tenant=tenant_id) as tx:
            behaviour = behaviour_of(tx)
            mode: Mode = "fail" if self.name in behaviour.refusing else behaviour.mode
            if mode in ("deliver", "answer_lost"):
                _write(tx, messages)
                if behaviour.people:
                    foresee(tx, messages)
        if behaviour.latency_seconds > 0:
            time.sleep(min(behaviour.latency_seconds, LATENCY_MAX_SECONDS))
        result, reason = _RESULT[mode]
        return [Delivery(message.key, result, reason) for message in messages]


def behaviour_of(tx: Tx) -> Behaviour:
    """How the channel behaves for the transaction's tenant."""
    found = tx.cursor(
        "select mode, settings from simulated_mode where tenant_id = %(tenant)s", {"tenant": tx.tenant_id}
    ).fetchone()
    if found is None:
        return Behaviour()
    mode, kept = found
    people, refusing = bool(kept.get("people", False)), tuple(kept.get("refusing", ()))
    return Behaviour(mode, float(kept.get("latency_seconds", 0)), people, refusing)


def set_behaviour(tx: Tx, behaviour: Behaviour) -> None:
    """Switch how the channel behaves for the transaction's tenant."""
    tx.execute(
        """
        insert into simulated_mode (tenant_id, mode, settings) values (%(tenant)s, %(mode)s, %(settings)s::jsonb)
        on conflict (tenant_id) do update set mode = excluded.mode, settings = excluded.settings
        """,
        {
            "tenant": tx.tenant_id,
            "mode": behaviour.mode,
            "settings": orjson.dumps(
                {
                    "latency_seconds": behaviour.latency_seconds,
                    "people": behaviour.people,
                    "refusing": behaviour.refusing,
                }
            ).decode(),
        },
    )


def _write(tx: Tx, messages: Sequence[Outgoing]) -> None:
    texts = sealed(tx, messages)
    rows: list[dict[str, Any]] = [
        {
            "bucket": message.bucket,
            "id": message.key,
            "customer_id": message.customer_id,
            "template_id": message.template_id,
            "text": texts[message.key].text,
        }
        for message in messages
        if message.key in texts
    ]
    tx.execute(_DELIVER, {"tenant": tx.tenant_id, "now": tx.now, "rows": orjson.dumps(rows).decode()})
