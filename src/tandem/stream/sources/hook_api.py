"""The route that platforms call: `POST /hooks/{connector}/{account}`."""

from __future__ import annotations

from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from tandem.access.http import database_of, public
from tandem.stream.sources.buffer import buffer_of
from tandem.stream.sources.connector import Delivery
from tandem.stream.sources.hooks import BODY_BYTES_MAX, HookDoor, too_large

hooks_router = APIRouter(tags=["hooks"], include_in_schema=False)


async def bounded_body(request: Request) -> bytes:
    """The body as it came, read no further than the limit. Raises TooLarge."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > BODY_BYTES_MAX:
            raise too_large()
        parts.append(part)
    return b"".join(parts)


def door_of(request: Request) -> HookDoor:
    """The process's webhook door, made at the first call."""
    state = request.app.state
    if not hasattr(state, "hook_door"):
        state.hook_door = HookDoor(database_of(request), buffer=buffer_of())
    return cast("HookDoor", state.hook_door)


@hooks_router.post(
    "/hooks/{connector}/{account}",
    dependencies=[
        Depends(public("platforms hold no session; each call is verified by its account's signature or token"))
    ],
)
def take_hook(
    request: Request, connector: str, account: UUID, body: Annotated[bytes, Depends(bounded_body)]
) -> Response:
    """Take a delivery: verified, durable, answered, and understood later."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    reply = door_of(request).call(connector, account, Delivery(headers, dict(request.query_params), body))
    return Response(reply.body, media_type=reply.media_type)


@hooks_router.get(
    "/hooks/{connector}/{account}",
    dependencies=[
        Depends(public("platforms check our address before they push; the answer proves that we hold the key"))
    ],
)
def answer_challenge(request: Request, connector: str, account: UUID) -> Response:
    """Answer a platform's check of our address."""
    reply = door_of(request).challenge(connector, account, dict(request.query_params))
    return Response(reply.body, media_type=reply.media_type)
