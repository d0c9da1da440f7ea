"""How long the tenant keeps its logs: read and set, with an entry on the trail."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from tandem.access import audit
from tandem.access.http import Access, allowed
from tandem.access.shapes import Body, Label
from tandem.kernel import keeping
from tandem.kernel.db import Tx

router = APIRouter(tags=["settings"])

SettingsReader = Annotated[Access, Depends(allowed("settings.read"))]
SettingsWriter = Annotated[Access, Depends(allowed("settings.write"))]


class Kept(BaseModel):
    """One kind of records. `default` holds where nothing was chosen, `least` is what the law of the house asks."""

    what: str
    label: Label
    days: int
    default: int
    least: int


class KeptList(BaseModel):
    """Everything that is kept for a time."""

    items: list[Kept]


class KeptDays(Body):
    """How many days to keep it."""

    days: Annotated[int, Field(ge=1, le=keeping.DAYS_MAX)]


def _list(tx: Tx) -> KeptList:
    return KeptList(
        items=[
            Kept(what=one.what, label=Label(zh=one.zh, en=one.en), days=one.days, default=one.default, least=one.least)
            for one in keeping.settings_of(tx)
        ]
    )


@router.get("/settings/retention")
def list_retention(access: SettingsReader) -> KeptList:
    """How long logs are kept."""
    with access.tx() as tx:
        return _list(tx)


@router.put("/settings/retention/{what}")
def set_retention(access: SettingsWriter, what: str, given: KeptDays) -> KeptList:
    """Keep one kind of records for so many days; what is older goes within a day."""
    with access.tx() as tx:
        before = {one.what: one.days for one in keeping.settings_of(tx)}
        keeping.set_days(tx, what, given.days)
        audit.record(tx, "retention.changed", "retention", tx.tenant_id, {what: before[what]}, {what: given.days})
        return _list(tx)
