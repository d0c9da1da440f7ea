"""What apply, profile, tags, segments and customers bring to the assembled house; the assembly puts it into one module."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from tandem.catalog.label import Label
from tandem.kernel.db import Database
from tandem.kernel.rounds import Rounds
from tandem.stream import steps
from tandem.stream.apply.api import router as failed_router
from tandem.stream.customer.api import router as customer_router
from tandem.stream.places.api import router as geofence_router
from tandem.stream.profile.api import router as field_router
from tandem.stream.profile.recorded import PROJECTION
from tandem.stream.profile.visits import VISIT_FACTS
from tandem.stream.projection import StreamSystem
from tandem.stream.segment import lists
from tandem.stream.segment.api import router as segment_router
from tandem.stream.segment.audit import audit_next
from tandem.stream.segment.bulk_api import router as segment_bulk_router
from tandem.stream.segment.look_api import router as segment_look_router
from tandem.stream.tags.api import router as tag_router
from tandem.stream.things.api import router as thing_router

FACTS: Final = VISIT_FACTS
PROJECTIONS: Final = (PROJECTION, lists.PROJECTION)
STEPS: Final = steps.STEPS
PERMISSIONS: Final = (
    ("customer.read", Label("查看客户", "See customers")),
    ("customer.write", Label("修改客户、查看完整联系方式", "Change customers, see whole contact details")),
    ("customer.export", Label("导出客户", "Export customers")),
    ("thing.read", Label("查看自定义对象", "See custom objects")),
    ("thing.write", Label("新建与修改自定义对象", "Make and change custom objects")),
    ("thing.define", Label("定义自定义对象的类型", "Define sorts of custom objects")),
    ("segment.read", Label("查看分群", "See segments")),
    ("segment.write", Label("管理分群与标签规则", "Manage segments and tags")),
)
AUDIT_PAUSE_SECONDS: Final = 5.0
"""Between two segments, so that a tenant with many does not keep the disk busy."""
CUT_POINTS_SECONDS: Final = timedelta(minutes=10).total_seconds()
_CUT_POINTS: Final = Rounds("stream.cut_points")


def routers(system: Callable[[], StreamSystem]) -> tuple[APIRouter, ...]:
    """The routes of customers, segments, tags and failed events; each request carries the assembled system."""

    def provide(request: Request) -> None:
        request.state.system = system()

    whole = APIRouter(dependencies=[Depends(provide)])
    for router in (
        customer_router,
        field_router,
        segment_look_router,
        segment_bulk_router,
        segment_router,
        tag_router,
        geofence_router,
        thing_router,
        failed_router,
    ):
        whole.include_router(router)
    return (whole,)


def audits(system: Callable[[], StreamSystem]) -> Callable[[Database], float]:
    """A worker's job: each live segment compared with a full recompute once a day of business time, one at a time."""
    rounds = Rounds("stream.audit_segments")

    def run(db: Database) -> float:
        with db.connection("worker") as connection:
            tenants = [row[0] for row in connection.execute("select tenant_id from stream_unaudited_tenants()")]

        def audit(tenant: UUID) -> int:
            with db.tx("worker", tenant=tenant) as tx:
                return int(audit_next(tx, system().catalog) is not None)

        return AUDIT_PAUSE_SECONDS if rounds.each(tenants, audit) else CUT_POINTS_SECONDS

    return run


def cut_points(db: Database) -> float:
    """A worker's job: new RFM cut points for each tenant whose newest are a day old in business time."""
    with db.connection("worker") as connection:
        tenants = [row[0] for row in connection.execute("select tenant_id from stream_unscored_tenants()")]

    def refresh(tenant: UUID) -> int:
        with db.tx("worker", tenant=tenant) as tx:
            steps.refresh_cut_points(tx)
        return 1

    _CUT_POINTS.each(tenants, refresh)
    return CUT_POINTS_SECONDS
