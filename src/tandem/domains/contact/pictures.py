"""Pictures of codes: the platform's own, kept once it was read, or one drawn here where the platform gives an address and no picture."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from html import escape
from io import BytesIO
from typing import Any, Final
from uuid import UUID

import segno
from fastapi import Response

from tandem.domains.contact.gateway import GatewayFailure
from tandem.domains.contact.lines import line_of
from tandem.domains.contact.media.looks import looks
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import NotFound, Unavailable

SIDE: Final = 600
BAND: Final = 84
"""How high the band with the name is."""
_FONT: Final = "system-ui, -apple-system, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept or drawn. `type` as a browser names it."""

    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class _Code:
    account_id: UUID
    name: str
    qr_url: str | None
    drawn_here: bool
    type: str | None
    content: bytes | None


_READ: Final = """
select c.account_id, c.name, c.qr_url, c.kind = 'link' or coalesce((a.config->>'simulated')::boolean, false) as drawn_here, p.type, p.content
from live_code as c join source_account as a on a.tenant_id = %(tenant)s and a.id = c.account_id
left join code_picture as p on p.tenant_id = %(tenant)s and p.live_code_id = c.id and p.url = c.qr_url
where c.tenant_id = %(tenant)s and c.id = %(id)s
"""
_KEEP: Final = """
insert into code_picture (tenant_id, live_code_id, url, type, content, read_at) values (%(tenant)s, %(id)s, %(url)s, %(type)s, %(content)s, now())
on conflict (tenant_id, live_code_id) do update set url = excluded.url, type = excluded.type, content = excluded.content, read_at = excluded.read_at
"""


def picture_of(db: Database, tx: Tx, code_id: UUID) -> tuple[str, Picture]:
    """A code's name and picture; the platform is asked where nobody has yet. Raises NotFound, Unavailable where it shows none just now."""
    row = tx.maybe(_Code, _READ, {"tenant": tx.tenant_id, "id": code_id})
    if row is None or row.qr_url is None:
        raise NotFound("no_such_picture", "二维码还没有生成。", "The code has no picture yet.")
    if row.content is not None and row.type is not None:
        return row.name, Picture(row.type, bytes(row.content))
    if row.drawn_here:
        return row.name, drawn(row.qr_url)
    found = _asked(db, tx.tenant_id, row.account_id, row.qr_url)
    if found is None:
        raise Unavailable(
            "no_picture_now",
            "暂时取不到二维码图片，请稍后再试。",
            "The picture cannot be had just now; try again in a moment.",
        )
    with db.tx("worker", tenant=tx.tenant_id) as kept:
        params: dict[str, Any] = {
            "tenant": tx.tenant_id,
            "id": code_id,
            "url": row.qr_url,
            "type": found.type,
            "content": found.content,
        }
        kept.execute(_KEEP, params)
    return row.name, found


def _asked(db: Database, tenant: UUID, account: UUID, url: str) -> Picture | None:
    try:
        with line_of(db, tenant, account) as line:
            content = line.picture(url)
    except GatewayFailure:
        return None
    seen = None if content is None else looks(content)
    return None if content is None or seen is None or seen.kind != "image" else Picture(seen.type, content)


def drawn(text: str) -> Picture:
    """A QR code of a text, as lines that stay sharp at any size. Pure."""
    out = BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", scale=10, border=2, xmldecl=False, svgns=True, nl=False, omitsize=True, dark="#000", light="#fff")  # fmt: skip
    return Picture("image/svg+xml", out.getvalue())


def address(picture: Picture) -> str:
    """A picture as an address that holds it whole. Pure."""
    return f"data:{picture.type};base64,{base64.b64encode(picture.content).decode()}"


def named(picture: Picture, name: str) -> bytes:
    """A picture with a name under it, as SVG. Pure."""
    size = 34 if len(name) <= 14 else max(16, 34 * 14 // len(name))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIDE}" height="{SIDE + BAND}" viewBox="0 0 {SIDE} {SIDE + BAND}">'
        f'<rect width="{SIDE}" height="{SIDE + BAND}" fill="#fff"/>'
        f'<image x="20" y="20" width="{SIDE - 40}" height="{SIDE - 40}" href="{address(picture)}"/>'
        f'<text x="{SIDE // 2}" y="{SIDE + BAND // 2}" text-anchor="middle" font-family="{_FONT}" font-size="{size}" fill="#1f2329">'
        f"{escape(name)}</text></svg>"
    ).encode()


def answer(picture: Picture) -> Response:
    """A picture as an answer; one in words is shown as a picture and runs nothing."""
    headers = {
        "content-security-policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox", "x-content-type-options": "nosniff",
        "cache-control": "private, max-age=300",
    }  # fmt: skip
    return Response(picture.content, media_type=picture.type, headers=headers)
