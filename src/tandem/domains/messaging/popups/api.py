"""What browsers on a company's own pages ask for: is there something to show to whom the page knows."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from tandem.access.http import database_of, public
from tandem.domains.messaging.popups import showing
from tandem.stream.beacon.api import OPEN, Key, answered, bounded_body, door_of, preflight, script_answer

popup_router: Final = APIRouter(tags=["beacon"], include_in_schema=False)
PATH: Final = "/v1/beacon/popups"


@popup_router.post(PATH, dependencies=[Depends(public(OPEN))])
def ask_popups(request: Request, site: Key, body: Annotated[bytes, Depends(bounded_body)]) -> Response:
    """Write down what she did, and give what she is shown next: 200 with it, 204 where there is nothing. Raises NotFound, Forbidden."""
    door = door_of(request)
    page = door.page(site, request.headers.get("origin"))

    def found() -> Response:
        door.spend(page, request.client.host if request.client else "")
        asked = showing.read(body)
        named = door.named(page, asked.token)
        popup = None
        if named is not None:
            with database_of(request).tx("web", tenant=page.account.tenant_id) as tx:
                customer = showing.customer_of(tx, named, page.account.source)
                if customer is not None:
                    showing.mark(tx, customer, asked.seen)
                    popup = showing.following(tx, customer)
        if popup is None:
            return Response(status_code=204)
        told = msgspec.json.encode({"popup": popup})
        return Response(told, media_type="application/json", headers={"Cache-Control": "no-store"})

    return answered(request, page, found)


@popup_router.get(
    "/popups.js", dependencies=[Depends(public("the script is the same for everybody and is in the source"))]
)
def popup_script() -> Response:
    """What draws a pop-up; the beacon loads it for visitors whom it knows."""
    return script_answer(script())


@lru_cache(maxsize=1)
def script() -> bytes:
    """The script as it is served."""
    return resources.files("tandem.domains.messaging.popups").joinpath("popups.js").read_bytes()


@popup_router.options(PATH, dependencies=[Depends(public(OPEN))])
def may_ask_popups(request: Request, site: Key) -> Response:
    """A browser's question whether a page may ask. Raises NotFound, Forbidden."""
    return preflight(request, site)
