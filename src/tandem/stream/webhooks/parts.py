"""What outgoing webhooks bring to the assembled house."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from fastapi import APIRouter, Depends, Request

from tandem.catalog.label import Label
from tandem.kernel.db import Database
from tandem.stream.projection import StreamSystem
from tandem.stream.webhooks.api import router
from tandem.stream.webhooks.retention import drop_old
from tandem.stream.webhooks.sender import job

PERMISSIONS: Final = (
    ("webhook.read", Label("查看事件推送", "See webhooks")),
    ("webhook.write", Label("管理事件推送", "Manage webhooks")),
)
RETENTION_SECONDS: Final = timedelta(hours=1).total_seconds()


def routers(system: Callable[[], StreamSystem]) -> tuple[APIRouter, ...]:
    """The routes; each request carries the assembled system."""

    def provide(request: Request) -> None:
        request.state.system = system()

    whole = APIRouter(dependencies=[Depends(provide)])
    whole.include_router(router)
    return (whole,)


def jobs() -> tuple[tuple[str, Callable[[Database], float]], ...]:
    """Sending, and forgetting what is old."""
    return (("webhooks.send", job()), ("webhooks.retention", drop_old))
