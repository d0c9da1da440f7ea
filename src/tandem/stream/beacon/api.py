"""What browsers on other people's pages call: the door, the question whether they may, and the snippet that does both.

None of it reads a cookie: `Access-Control-Allow-Credentials` is never sent, and the answer to an unlisted page carries no permission.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from importlib import resources
from typing import Annotated, Final, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from tandem.access.http import database_of, error_body, public
from tandem.kernel.errors import TandemError, Throttled
from tandem.stream.beacon.call import BODY_BYTES_MAX
from tandem.stream.beacon.door import BeaconDoor, Page, too_large
from tandem.stream.sources.buffer import buffer_of

beacon_router = APIRouter(tags=["beacon"], include_in_schema=False)
PATH: Final = "/v1/beacon"
OPEN: Final = "browsers on a company's own pages hold no session; the site's key and its list of pages say who may send"
Key = Annotated[UUID, Query(description="The site's key")]
_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "7200",
}


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


def door_of(request: Request) -> BeaconDoor:
    """The process's door for browsers, made at the first call."""
    state = request.app.state
    if not hasattr(state, "beacon_door"):
        state.beacon_door = BeaconDoor(database_of(request), buffer=buffer_of())
    return cast("BeaconDoor", state.beacon_door)


@beacon_router.post(PATH, dependencies=[Depends(public(OPEN))])
def take_beacon(request: Request, site: Key, body: Annotated[bytes, Depends(bounded_body)]) -> Response:
    """Take what a page tells: durable, then 204. Raises NotFound, Forbidden for pages that may not send."""
    door = door_of(request)
    page = door.page(site, request.headers.get("origin"))
    headers = {name.lower(): value for name, value in request.headers.items()}

    def taken() -> Response:
        door.take(page, headers, request.client.host if request.client else "", body)
        return Response(status_code=204)

    return answered(request, page, taken)


def answered(request: Request, page: Page, answer: Callable[[], Response]) -> Response:
    """The answer to a listed page, errors too: it may read why, being one of the site's own."""
    try:
        given = answer()
    except TandemError as error:
        again = {"Retry-After": str(error.retry_after_seconds)} if isinstance(error, Throttled) else {}
        given = JSONResponse(error_body(error, request.state.request_id), error.status, headers=again)
    given.headers.update(_allowed(page.origin))
    return given


@beacon_router.options(PATH, dependencies=[Depends(public(OPEN))])
def ask_beacon(request: Request, site: Key) -> Response:
    """A browser's question whether a page may send. Raises NotFound, Forbidden."""
    return preflight(request, site)


def preflight(request: Request, site: UUID) -> Response:
    """The answer to a browser that asks before it calls. Raises NotFound, Forbidden."""
    page = door_of(request).page(site, request.headers.get("origin"))
    return Response(status_code=204, headers=_allowed(page.origin) | _PREFLIGHT)


@beacon_router.get(
    "/beacon.js", dependencies=[Depends(public("the snippet is the same for everybody and is in the source"))]
)
def beacon_script() -> Response:
    """The snippet that pages load."""
    return script_answer(snippet())


def script_answer(text: bytes) -> Response:
    """A script that pages of others load."""
    headers = {"Cache-Control": "public, max-age=3600", "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(text, media_type="text/javascript; charset=utf-8", headers=headers)


@lru_cache(maxsize=1)
def snippet() -> bytes:
    """The snippet as it is served: without its indentation, which a phone on a slow line need not load."""
    text = resources.files("tandem.stream.beacon").joinpath("snippet.js").read_bytes()
    return re.sub(rb"\n\s+", b"\n", text)


def _allowed(origin: str) -> dict[str, str]:
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}
