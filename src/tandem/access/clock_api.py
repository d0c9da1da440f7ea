"""The business clock: reading it, and moving it in a demo."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime

from tandem.access.clock import Clock, clock_of, move_clock
from tandem.access.http import Access, allowed, signed_in
from tandem.access.shapes import Body

router = APIRouter(tags=["clock"])


class ClockMove(Body):
    """Where to: a moment, or so many seconds on. One of the two."""

    to: AwareDatetime | None = None
    seconds: int | None = None


@router.get("/clock")
def get(access: Annotated[Access, Depends(signed_in())]) -> Clock:
    """The tenant's business time, and whether it is being moved."""
    with access.tx() as tx:
        return clock_of(tx)


@router.post("/clock/move", status_code=202)
def move(access: Annotated[Access, Depends(allowed("clock.move"))], body: ClockMove) -> Clock:
    """Move a demo's clock on: every due moment in between happens in its order. Progress comes as the live topic `clock`."""
    with access.tx() as tx:
        return move_clock(tx, to=body.to, seconds=body.seconds)
