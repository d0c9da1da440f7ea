"""What speaks against a merge that was filed a while ago: asked again with both buckets in hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from tandem.kernel.db import Tx
from tandem.stream.identity import store
from tandem.stream.identity.person import Doubt
from tandem.stream.identity.person import objection as between
from tandem.stream.identity.portraits import read_rules

KEPT_APART: Final = "kept_apart"


def objection(tx: Tx, survivor: UUID, loser: UUID, evidence: Mapping[str, Any]) -> Doubt | None:
    """Why these two are not merged by this evidence without a person's word, or None."""
    kind = str(evidence.get("kind", ""))
    if _kept_apart(tx, survivor, loser):
        return Doubt(KEPT_APART, kind)
    people = store.people(tx, [survivor, loser])
    return between(read_rules(tx), kind, people[survivor], people[loser])


def _kept_apart(tx: Tx, one: UUID, other: UUID) -> bool:
    """Whether a person has said that these are two people."""
    return bool(
        tx.value(
            """
            select exists (select 1 from merge_review where tenant_id = %(tenant)s and status = 'kept_apart'
              and a_id = least(%(one)s::uuid, %(other)s::uuid) and b_id = greatest(%(one)s::uuid, %(other)s::uuid))
            """,
            {"tenant": tx.tenant_id, "one": one, "other": other},
        )
    )
