"""What operators ask a process: are you well, and how much have you done."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from tandem.access.http import Access, allowed, database_of, public
from tandem.web.metrics import exposition

router = APIRouter(tags=["operations"])


class Health(BaseModel):
    """The process answers and so does its database."""

    status: Literal["ok"]


@router.get(
    "/healthz",
    dependencies=[Depends(public("load balancers ask before anybody has signed in; it says nothing but ok"))],
)
def health(request: Request) -> Health:
    """Ask the database for an answer. 503 when there is none."""
    with database_of(request).connection("web") as connection:
        connection.execute("select 1")
    return Health(status="ok")


@router.get("/metrics", response_class=Response)
def metrics(_access: Annotated[Access, Depends(allowed("metrics.read"))]) -> Response:
    """What this process measured, in Prometheus text format; scrape with an API key that holds `metrics.read`."""
    return Response(exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")
