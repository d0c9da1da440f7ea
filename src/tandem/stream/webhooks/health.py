"""Whether a receiver is well: since when it fails, and when it is switched off by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from uuid import UUID

import structlog

from tandem.access import audit
from tandem.kernel.db import Tx
from tandem.kernel.settings import settings
from tandem.stream.webhooks.post import Answer

log = structlog.get_logger("tandem.webhooks")

GONE: Final = 410
"""The receiver says that nobody will ever listen here again."""


class OfWebhook(Protocol):
    """A delivery, as far as it concerns its subscription."""

    @property
    def webhook_id(self) -> UUID: ...


@dataclass(frozen=True, slots=True)
class _State:
    id: UUID
    name: str
    status: str
    failing_since: datetime | None


def note(tx: Tx, outcomes: Sequence[tuple[OfWebhook, Answer]]) -> None:
    """Note successes and failures on their subscriptions, and switch off those that have failed for too long.

    Rows are locked in order of id, so that two senders never wait for each other crosswise.
    """
    by_webhook: dict[UUID, list[Answer]] = {}
    for delivery, answer in outcomes:
        by_webhook.setdefault(delivery.webhook_id, []).append(answer)
    rows = tx.all(
        _State,
        """
        select id, name, status, failing_since from webhook
        where tenant_id = %(tenant)s and id = any(%(ids)s::uuid[]) order by id for no key update
        """,
        {"tenant": tx.tenant_id, "ids": sorted(by_webhook)},
    )
    for row in rows:
        _judge(tx, row, by_webhook[row.id])


def _judge(tx: Tx, row: _State, answers: Sequence[Answer]) -> None:
    params: dict[str, Any] = {"tenant": tx.tenant_id, "id": row.id}
    if any(answer.is_success for answer in answers):
        tx.execute(
            "update webhook set failing_since = null, last_success_at = now() where tenant_id = %(tenant)s and id = %(id)s",
            params,
        )
        return
    if row.failing_since is None:
        tx.execute("update webhook set failing_since = now() where tenant_id = %(tenant)s and id = %(id)s", params)
    reason = _reason(tx, row, answers)
    if reason is None or row.status != "active":
        return
    tx.execute(
        """
        update webhook set status = 'disabled', disabled_reason = %(reason)s, updated_at = now()
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        {**params, "reason": reason},
    )
    # The alert: a line for operators, an entry for people, and a banner on the screen of webhooks and on its entry.
    log.error("webhook.disabled", webhook=str(row.id), name=row.name, reason=reason)
    audit.record(
        tx, "webhook.disabled", "webhook", row.id, {"status": "active"}, {"status": "disabled", "reason": reason}
    )


def _reason(tx: Tx, row: _State, answers: Sequence[Answer]) -> str | None:
    if any(answer.code == GONE for answer in answers):
        return "gone"
    patience = timedelta(hours=settings().webhook_patience_hours)
    failing = row.failing_since is not None and tx.machine_now - row.failing_since >= patience
    return "failing" if failing else None
