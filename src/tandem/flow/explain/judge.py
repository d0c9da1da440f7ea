"""A condition judged part by part for whom, or what, a flow is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tandem.catalog import Catalog, Checked
from tandem.flow.expressions import customer_join
from tandem.flow.subjects import ALIAS, CUSTOMER, Home, entity_of
from tandem.kernel.db import Tx
from tandem.kernel.errors import NotFound
from tandem.stream.segment.explain import Part, explain, judged


def judge(
    tx: Tx, catalog: Catalog, found: Checked, subject: str, who: Home, event: Mapping[str, Any] | None = None
) -> Part:
    """Every part with its answer and the values it looked at. Raises NotFound where the customer or thing is gone."""
    entity = entity_of(catalog, subject)
    if entity is None or subject == CUSTOMER:
        return explain(tx, found, who.id, event=event)
    owned = entity.subject is not None and entity.subject.customer
    whose = (
        customer_join(catalog).replace("r.bucket", f"{ALIAS}.bucket").replace("r.customer_id", f"{ALIAS}.customer_id")
    )
    source = f"{entity.table} as {ALIAS} {whose if owned else ''}"
    part = judged(tx, found, source, {subject: ALIAS, "customer": "c"}, ALIAS, (who.bucket, who.id), event=event)
    if part is None:
        raise NotFound("thing_not_found", "没有这个对象。", "There is no such thing.")
    return part
