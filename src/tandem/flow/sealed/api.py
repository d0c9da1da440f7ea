"""Routes of credentials for calls of flows."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field, SecretStr

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, Page, page_in_memory
from tandem.access.shapes import Body
from tandem.flow.sealed import service
from tandem.kernel.errors import Forbidden

router = APIRouter(tags=["flows"])

Reader = Annotated[Access, Depends(allowed("webhook.read"))]
Writer = Annotated[Access, Depends(allowed("webhook.write"))]
Named = Annotated[str, Path(pattern=service.NAME)]


class NewFlowSecret(Body):
    """A credential to seal. `host`: the one host to which it may be sent, such as `erp.example.com`."""

    host: str = Field(min_length=1, max_length=300)
    value: SecretStr = Field(min_length=1, max_length=service.VALUE_MAX)
    note: str = Field(default="", max_length=500)


class FlowUsing(BaseModel):
    """A flow that names a credential in its draft or in a version that still runs."""

    id: UUID
    name: str


class FlowSecretOut(BaseModel):
    """A credential without its value, which is never shown. `updated_by`: who set it last."""

    name: str
    host: str
    note: str
    created_at: datetime
    updated_at: datetime
    updated_by: str | None
    used_by: list[FlowUsing]


@router.get("/flow-secrets")
def list_flow_secrets(access: Reader, cursor: Cursor = None, limit: Limit = 50) -> Page[FlowSecretOut]:
    """Credentials by name, without their values, with the flows that name them."""
    with access.tx() as tx:
        rows, following = page_in_memory(service.list_secrets(tx), cursor, limit, "name")
        using = service.users(tx)
    return Page(items=[_out(row, using) for row in rows], next=following)


@router.put("/flow-secrets/{name}")
def set_flow_secret(access: Writer, name: Named, body: NewFlowSecret) -> FlowSecretOut:
    """Seal a credential under a name, or give the name a new value. It may be sent to its host only, and is never shown again."""
    _whole(access)
    with access.tx() as tx:
        row = service.set_secret(tx, name, body.host, body.value.get_secret_value(), body.note.strip())
        return _out(row, service.users(tx))


@router.delete("/flow-secrets/{name}", status_code=204)
def remove_flow_secret(access: Writer, name: Named) -> None:
    """Delete a credential at once. Calls that name it go by "failed" from now on."""
    _whole(access)
    with access.tx() as tx:
        service.remove_secret(tx, name)


def _whole(access: Access) -> None:
    """The flows that use it reach every customer."""
    if access.scope.kind != "all":
        raise Forbidden(
            "out_of_scope",
            "凭据用于全部客户的流程，需要全部数据范围。",
            "Flows over every customer use it; it needs the whole data scope.",
        )


def _out(row: service.SecretRow, using: list[service.User]) -> FlowSecretOut:
    return FlowSecretOut(
        name=row.name,
        host=row.host,
        note=row.note,
        created_at=row.created_at,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
        used_by=[FlowUsing(id=one.flow_id, name=one.flow) for one in using if one.secret == row.name],
    )
