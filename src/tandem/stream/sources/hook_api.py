"""The routes that platforms call: `POST /hooks/{connector}/{account}`, and the check of an address before the first.

Deliveries take the lane before the framework (`tandem.web.hook_lane`), which asks the same door; here are the declaration, the answers to
what is no delivery, and the addresses that are written in an unusual way.
"""

from __future__ import annotations

import threading
from typing import Annotated, Final, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import State

from tandem.access.http import public
from tandem.stream.sources.buffer import buffer_of
from tandem.stream.sources.connector import Delivery
from tandem.stream.sources.hooks import BODY_BYTES_MAX, HookDoor, too_large

ROUTE: Final = "/hooks/{connector}/{account}"
hooks_router = APIRouter(tags=["hooks"], include_in_schema=False)
_making: Final = threading.Lock()


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


def door_of(state: State) -> HookDoor:
    """The process's webhook door, made at the first call."""
    if not hasattr(state, "hook_door"):
        with _making:
            if not hasattr(state, "hook_door"):
                state.hook_door = HookDoor(state.db, buffer=buffer_of())
    return cast("HookDoor", state.hook_door)


@hooks_router.post(
    "/hooks/{connector}/{account}",
    dependencies=[
        Depends(public("platforms hold no session; each call is verified by its account's signature or token"))
    ],
)
async def take_hook(
    request: Request, connector: str, account: UUID, body: Annotated[bytes, Depends(bounded_body)]
) -> Response:
    """Take a delivery: verified, durable, answered, and understood later."""
    door = door_of(request.app.state)
    headers = {name.lower(): value for name, value in request.headers.items()}
    called = await door.find(connector, account)
    reply = await door.take(called, Delivery(headers, dict(request.query_params), body))
    return Response(reply.body, media_type=reply.media_type)


@hooks_router.get(
    "/hooks/{connector}/{account}",
    dependencies=[
        Depends(public("platforms check our address before they push; the answer proves that we hold the key"))
    ],
)
async def answer_challenge(request: Request, connector: str, account: UUID) -> Response:
    """Answer a platform's check of our address."""
    door = door_of(request.app.state)
    reply = await door.challenge(await door.find(connector, account), dict(request.query_params))
    return Response(reply.body, media_type=reply.media_type)
