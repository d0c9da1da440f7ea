"""`GET /v1/live`: the event stream of one browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, cast
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse

from tandem.access.clock import read_clock
from tandem.access.http import Access, identity_still_valid, signed_in
from tandem.kernel.errors import Detail, Forbidden, InvalidInput
from tandem.web.live import TOPICS_MAX, LiveHub

router = APIRouter(tags=["live"])

#: What one must be allowed to read in order to hear that it changed. None: everybody who is signed in.
TOPIC_PERMISSIONS: dict[str, str | None] = {
    "clock": None,
    "job": None,
    "flow": "flow.read",
    "flows": "flow.read",
    "flow-alerts": "flow.read",
    "segment": "segment.read",
    "segments": "segment.read",
    "customer": "customer.read",
    "customers": "customer.read",
    "inbox": "message.read",
    "messages": "message.read",
    "tasks": "task.read",
    "orders": "order.read",
    "coupons": "coupon.read",
    "import": "import.write",
    "imports": "import.write",
    "exports": None,
    "webhooks": "webhook.read",
    "rights": "rights.read",
    "board": "board.read",
    "trials": "trial.write",
}


@router.get("/live", response_class=StreamingResponse)
async def listen(
    request: Request,
    access: Annotated[Access, Depends(signed_in())],
    topics: Annotated[str, Query(min_length=1, max_length=4000, description="Comma-separated: clock,flow:ID,inbox")],
) -> StreamingResponse:
    """Server-sent events `{"topic", "data"}`; the id of each lets a returning browser hear what it missed."""
    wanted = checked_topics(access, topics)
    hub = cast("LiveHub", request.app.state.live)
    subscription = hub.subscribe(access.tenant_id, wanted, request.headers.get("last-event-id"))

    async def load(tenant_id: UUID, topic: str) -> object | None:
        if topic != "clock":
            return None
        clock = await run_sync(read_clock, access.db, tenant_id)
        return clock.model_dump(mode="json")

    async def still_there() -> bool:
        return await run_sync(identity_still_valid, request)

    async def lines() -> AsyncIterator[bytes]:
        try:
            async for line in hub.stream(subscription, load, still_there):
                yield line
        finally:
            hub.unsubscribe(subscription)

    return StreamingResponse(
        lines(), media_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


def checked_topics(access: Access, text: str) -> frozenset[str]:
    """The topics asked for. Raises InvalidInput for one nobody announces, Forbidden for one the caller may not read."""
    wanted = frozenset(topic.strip() for topic in text.split(",") if topic.strip())
    if len(wanted) > TOPICS_MAX:
        raise InvalidInput("too_many_topics", f"最多订阅 {TOPICS_MAX} 个主题。", f"At most {TOPICS_MAX} topics.")
    for topic in sorted(wanted):
        kind = topic.partition(":")[0]
        if kind not in TOPIC_PERMISSIONS:
            raise InvalidInput(
                "unknown_topic",
                f"不认识主题 {topic}。",
                f"There is no topic {topic}.",
                details=(Detail("topics", f"不认识 {topic}", f"{topic} is not known"),),
            )
        permission = TOPIC_PERMISSIONS[kind]
        if permission is not None and not access.may(permission):
            raise Forbidden("forbidden", f"您不能订阅 {topic}。", f"You may not listen to {topic}.")
    return wanted
