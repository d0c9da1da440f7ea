"""Do the geofences that an expression names exist? Asked when a segment is saved."""

from __future__ import annotations

from collections.abc import Collection

from tandem.catalog.problems import nearest
from tandem.kernel.db import Tx
from tandem.kernel.errors import Detail, InvalidInput

PREFIX = "geofence:"


def refuse_unknown(tx: Tx, areas: Collection[str]) -> None:
    """Raise InvalidInput for a geofence that does not exist; those that do stay until the transaction ends."""
    asked = {area.removeprefix(PREFIX) for area in areas if area.startswith(PREFIX)}
    if not asked:
        return
    known = tx.values(
        "select name from geofence where tenant_id = %(tenant)s and name = any(%(names)s::text[]) order by name for share",
        {"tenant": tx.tenant_id, "names": sorted(asked)},
    )
    missing = sorted(asked - set(known))
    if not missing:
        return
    every = tx.values("select name from geofence where tenant_id = %(tenant)s order by name", {"tenant": tx.tenant_id})
    best = nearest(missing[0], every)
    zh, en = (f"，您是指“{best}”吗？", f". Did you mean “{best}”?") if best else ("。", ".")
    raise InvalidInput(
        "geofence_unknown",
        f"没有这些地理围栏：{'、'.join(missing)}{zh}",
        f"There are no such geofences: {', '.join(missing)}{en}",
        details=tuple(Detail(PREFIX + one, "没有这个地理围栏", "no such geofence") for one in missing),
    )
