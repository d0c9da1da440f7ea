"""Geofences as people handle them: list, make, change, delete; who asks one is judged anew when its shape changes."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any, Final

import orjson

from tandem.access import audit
from tandem.catalog.label import Label
from tandem.catalog.model import Catalog
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound
from tandem.stream.places import geojson
from tandem.stream.places.hooks import users_above
from tandem.stream.places.shapes import GeofenceOut
from tandem.stream.segment import fill
from tandem.stream.segment.definitions import Watched, relatives

KIND: Final = "geofence"
LABEL_CHARACTERS_MAX: Final = 100
_NAME: Final = re.compile(r"[\w-]{1,50}")
_LINES: Final = """
select g.name, g.label, r.rings, r.points, r.west, r.south, r.east, r.north, g.updated_at
from geofence as g
cross join lateral (
  select count(distinct r.number) as rings, count(*) as points, min(c.x) as west, min(c.y) as south, max(c.x) as east, max(c.y) as north
  from geofence_ring as r cross join lateral unnest(r.xs, r.ys) as c(x, y)
  where r.tenant_id = %(tenant)s and r.name = g.name) as r
where g.tenant_id = %(tenant)s
"""


def lines(tx: Tx, *, q: str | None = None, after: str | None = None, limit: int = 50) -> list[GeofenceOut]:
    """Geofences by name, at most ``limit`` after the name ``after``."""
    return tx.all(
        GeofenceOut,
        _LINES
        + """ and (%(q)s::text is null or strpos(lower(g.name || ' ' || g.label), lower(%(q)s)) > 0)
              and (%(after)s::text is null or g.name > %(after)s) order by g.name limit %(limit)s""",
        {"tenant": tx.tenant_id, "q": q, "after": after, "limit": limit},
    )


def get(tx: Tx, name: str, *, lock: bool = False) -> GeofenceOut:
    """One geofence. Raises NotFound."""
    found = tx.maybe(
        GeofenceOut,
        _LINES + " and g.name = %(name)s" + (" for update of g" if lock else ""),
        {"tenant": tx.tenant_id, "name": name},
    )
    if found is None:
        raise NotFound("geofence_not_found", "没有这个地理围栏。", "There is no such geofence.")
    return found


def shape(tx: Tx, name: str) -> dict[str, Any]:
    """A geofence's shape as GeoJSON."""
    rows = tx.cursor(
        "select xs, ys from geofence_ring where tenant_id = %(tenant)s and name = %(name)s order by number",
        {"tenant": tx.tenant_id, "name": name},
    )
    return geojson.write(list(rows))


def create(tx: Tx, name: str, label: str, area: object) -> GeofenceOut:
    """Make a geofence from GeoJSON. Raises InvalidInput for a name, label or shape, Conflict for a name that is taken."""
    wanted, shown, rings = _name(name), _label(label), geojson.read(area)
    made = tx.values(
        """
        insert into geofence (tenant_id, name, label, created_at, created_by, updated_at)
        values (%(tenant)s, %(name)s, %(label)s, %(now)s, %(user)s, %(now)s) on conflict do nothing returning name
        """,
        {"tenant": tx.tenant_id, "name": wanted, "label": shown, "now": tx.now, "user": tx.user_id},
    )
    if not made:
        raise Conflict(
            "geofence_name_taken",
            f"已经有名为“{wanted}”的地理围栏。",
            f"There is already a geofence named “{wanted}”.",
            details=(Detail("name", "名称重复", "name already taken"),),
        )
    _write_rings(tx, wanted, rings)
    audit.record(tx, "geofence.created", KIND, wanted, None, {"label": shown, "area": shape(tx, wanted)})
    return get(tx, wanted)


def change(tx: Tx, catalog: Catalog, name: str, label: str | None, area: object | None) -> GeofenceOut:
    """Relabel or redraw; after another shape everybody is judged anew by the segments that ask it. Raises like ``create``, and NotFound."""
    before, drawn = get(tx, name, lock=True), shape(tx, name)
    shown = before.label if label is None else _label(label)
    rings = None if area is None else geojson.read(area)
    tx.execute(
        "update geofence set label = %(label)s, updated_at = %(now)s where tenant_id = %(tenant)s and name = %(name)s",
        {"tenant": tx.tenant_id, "name": name, "label": shown, "now": tx.now},
    )
    if rings is not None:
        tx.execute(
            "delete from geofence_ring where tenant_id = %(tenant)s and name = %(name)s",
            {"tenant": tx.tenant_id, "name": name},
        )
        _write_rings(tx, name, rings)
    now_drawn = shape(tx, name)
    if now_drawn != drawn:
        _refill(tx, asking(tx, catalog, name))
    if (before.label, drawn) != (shown, now_drawn):
        told = [{"label": before.label, "area": drawn}, {"label": shown, "area": now_drawn}]
        audit.record(tx, "geofence.changed", KIND, name, *told)
    return get(tx, name)


def delete(tx: Tx, catalog: Catalog, name: str) -> None:
    """Delete a geofence. Raises NotFound, Conflict while something asks it."""
    before, drawn = get(tx, name, lock=True), shape(tx, name)
    users = used_by(tx, catalog, name)
    if users:
        raise Conflict(
            "geofence_in_use",
            f"仍在使用它：{'、'.join(one.zh for one in users)}。",
            f"It is still asked by: {', '.join(one.en for one in users)}.",
            details=tuple(Detail("used_by", one.zh, one.en) for one in users),
        )
    for table in ("geofence_ring", "geofence"):
        tx.execute(
            f"delete from {table} where tenant_id = %(tenant)s and name = %(name)s",
            {"tenant": tx.tenant_id, "name": name},
        )
    audit.record(tx, "geofence.deleted", KIND, name, {"label": before.label, "area": drawn}, None)


def asking(tx: Tx, catalog: Catalog, name: str) -> list[Watched]:
    """The segments and computed tags whose expression asks this geofence."""
    return [one for one in relatives(tx, catalog) if f"{KIND}:{name}" in one.meaning.areas]


def used_by(tx: Tx, catalog: Catalog, name: str) -> list[Label]:
    """Segments, computed tags and whatever rooms above know of, as people call them."""
    own = [
        Label(f"标签“{one.tag}”", f"tag “{one.tag}”")
        if one.tag
        else Label(f"分群“{one.name}”", f"segment “{one.name}”")
        for one in asking(tx, catalog, name)
    ]
    return [*own, *users_above(tx, name)]


def _refill(tx: Tx, segments: Collection[Watched]) -> None:
    """Judge everybody anew by these segments, those that stand still by themselves (static) excepted."""
    live = set(
        tx.values(
            "select id from segment where tenant_id = %(tenant)s and id = any(%(ids)s::uuid[]) and kind <> 'static'",
            {"tenant": tx.tenant_id, "ids": [one.id for one in segments]},
        )
    )
    for one in segments:
        if one.id in live:
            fill.start(tx, one.id, one.version)


def _write_rings(tx: Tx, name: str, rings: Sequence[geojson.Ring]) -> None:
    rows = [
        {"number": at, "xs": [str(x) for x, _ in ring], "ys": [str(y) for _, y in ring]}
        for at, ring in enumerate(rings)
    ]
    tx.execute(
        """
        insert into geofence_ring (tenant_id, name, number, xs, ys)
        select %(tenant)s, %(name)s, r.number, r.xs, r.ys
        from jsonb_to_recordset(%(rows)s::jsonb) as r(number int, xs numeric[], ys numeric[])
        """,
        {"tenant": tx.tenant_id, "name": name, "rows": orjson.dumps(rows).decode()},
    )


def _name(text: str) -> str:
    name = text.strip()
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            "geofence_name",
            "围栏名称由 1 到 50 个字、字母、数字、下划线或连字符组成。",
            "A geofence's name has 1 to 50 letters, Chinese characters, digits, underscores or hyphens.",
            details=(Detail("name", text[:60], text[:60]),),
        )
    return name


def _label(text: str) -> str:
    label = " ".join(text.split())
    if not label or len(label) > LABEL_CHARACTERS_MAX:
        raise InvalidInput(
            "geofence_label",
            f"围栏的显示名需为 1 到 {LABEL_CHARACTERS_MAX} 个字。",
            f"A geofence's label has 1 to {LABEL_CHARACTERS_MAX} characters.",
            details=(Detail("label", f"{len(label)} 个字", f"{len(label)} characters"),),
        )
    return label
