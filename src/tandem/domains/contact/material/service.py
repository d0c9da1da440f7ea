"""Materials and talk scripts as people keep them: written, approved by somebody, used until they expire."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from tandem.access import audit
from tandem.domains.contact.material.second import DRAFTED, changed, refuse_own
from tandem.domains.contact.material.shapes import Life, NewMaterial, NewScript
from tandem.domains.contact.media import service as media
from tandem.domains.messaging.service import words
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, InvalidInput, NotFound
from tandem.kernel.ids import new_id

_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz"
KEPT_MAX: Final = 1000
_LIVE: Final = "status = 'approved' and (expires_on is null or expires_on >= (%(now)s at time zone %(zone)s)::date)"


@dataclass(frozen=True, slots=True)
class MaterialRow:
    """A material."""

    id: UUID
    code: str
    name: str
    kind: str
    folder: str
    url: str | None
    media_id: UUID | None
    words: str
    product: str
    status: Life
    expires_on: date | None
    updated_at: datetime
    drafted_by: list[UUID]
    own: bool
    """The transaction's person wrote of it since it was approved last."""


_MATERIAL: Final = """
select id, code, name, kind, folder, url, media_id, words, product, status, expires_on, updated_at, drafted_by,
  coalesce(%(me)s::uuid = any(drafted_by), false) as own
from material where tenant_id = %(tenant)s
"""


def list_materials(tx: Tx, *, live: bool = False) -> list[MaterialRow]:
    """Materials by folder and name; `live`: approved and not expired ones only."""
    narrowed = f" and {_LIVE}" if live else " and status <> 'archived'"
    return tx.all(MaterialRow, f"{_MATERIAL}{narrowed} order by folder, name, id limit {KEPT_MAX}", _now(tx))


def get_material(tx: Tx, material_id: UUID) -> MaterialRow:
    """One material. Raises NotFound."""
    row = tx.maybe(MaterialRow, f"{_MATERIAL} and id = %(id)s", _now(tx, id=material_id))
    if row is None:
        raise NotFound("no_such_material", "没有这份素材。", "There is no such material.")
    return row


def live_material(tx: Tx, material_id: UUID) -> MaterialRow | None:
    """One that may be shown today, or None."""
    return tx.maybe(MaterialRow, f"{_MATERIAL} and id = %(id)s and {_LIVE}", _now(tx, id=material_id))


def put_material(tx: Tx, given: NewMaterial, material_id: UUID | None = None) -> UUID:
    """Write a material; one that is changed waits for approval again. Raises InvalidInput, NotFound, Conflict."""
    words.refuse(tx, given.name, "name")
    words.refuse(tx, given.words, "words")
    _check_file(tx, given)
    params = _now(tx, **given.model_dump(), user=tx.user_id, at=tx.machine_now)
    if material_id is None:
        _refuse_many(tx, "material")
        made = new_id()
        tx.execute(
            """
            insert into material (id, tenant_id, code, name, kind, folder, url, media_id, words, product, expires_on, written_by, drafted_by, created_at, updated_at)
            values (%(id)s, %(tenant)s, %(code)s, %(name)s, %(kind)s, %(folder)s, %(url)s, %(media_id)s, %(words)s, %(product)s, %(expires_on)s, %(user)s,
              array_remove(array[%(user)s::uuid], null), %(at)s, %(at)s)
            """,
            params | {"id": made, "code": "".join(secrets.choice(_LETTERS) for _ in range(8))},
        )
        audit.record(tx, "material.created", "material", made, None, {"name": given.name})
        return made
    before = get_material(tx, material_id)
    if before.status == "archived":
        raise _archived()
    tx.execute(
        f"""
        update material set name = %(name)s, kind = %(kind)s, folder = %(folder)s, url = %(url)s, media_id = %(media_id)s, words = %(words)s, product = %(product)s,
          expires_on = %(expires_on)s, status = 'draft', written_by = %(user)s, {DRAFTED}, approved_by = null, updated_at = %(at)s
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        params | {"id": material_id},
    )
    old, new = audit.changes({"name": before.name, "url": before.url}, {"name": given.name, "url": given.url})
    audit.record(tx, "material.changed", "material", material_id, old, new | {"status": "draft"})
    return material_id


#: What a file has to be for each kind of material.
_TYPES: Final = {"pdf": "application/pdf", "image": "image/", "video": "video/"}


def _check_file(tx: Tx, given: NewMaterial) -> None:
    if given.media_id is None:
        return
    if not media.get_media(tx, given.media_id).type.startswith(_TYPES.get(given.kind, "-")):
        raise InvalidInput("bad_material", "文件的类型与素材类型不一致。", "The file is not of the material's kind.")


@dataclass(frozen=True, slots=True)
class ScriptRow:
    """A talk script."""

    id: UUID
    title: str
    folder: str
    body: str
    material_id: UUID | None
    material: str | None
    status: Life
    expires_on: date | None
    uses: int
    updated_at: datetime
    drafted_by: list[UUID]
    own: bool


_SCRIPT: Final = """
select s.id, s.title, s.folder, s.body, s.material_id, m.name as material, s.status, s.expires_on, s.uses, s.updated_at,
  s.drafted_by, coalesce(%(me)s::uuid = any(s.drafted_by), false) as own
from (select * from talk_script where tenant_id = %(tenant)s and {which}) as s
left join material as m on m.tenant_id = %(tenant)s and m.id = s.material_id
"""


def list_scripts(tx: Tx, *, live: bool = False) -> list[ScriptRow]:
    """Scripts by folder, the most used first; `live`: approved and not expired ones only."""
    which = _SCRIPT.format(which=_LIVE if live else "status <> 'archived'")
    return tx.all(ScriptRow, f"{which} order by s.folder, s.uses desc, s.title, s.id limit {KEPT_MAX}", _now(tx))


def get_script(tx: Tx, script_id: UUID) -> ScriptRow:
    """One script. Raises NotFound."""
    row = tx.maybe(ScriptRow, _SCRIPT.format(which="id = %(id)s"), _now(tx, id=script_id))
    if row is None:
        raise NotFound("no_such_script", "没有这条话术。", "There is no such talk script.")
    return row


def put_script(tx: Tx, given: NewScript, script_id: UUID | None = None) -> UUID:
    """Write a script; one that is changed waits for approval again. Raises InvalidInput, NotFound, Conflict."""
    words.refuse(tx, given.title, "title")
    words.refuse(tx, given.body, "body")
    if given.material_id is not None:
        get_material(tx, given.material_id)
    params = _now(tx, **given.model_dump(), user=tx.user_id, at=tx.machine_now)
    if script_id is None:
        _refuse_many(tx, "talk_script")
        made = new_id()
        tx.execute(
            """
            insert into talk_script (id, tenant_id, title, folder, body, material_id, expires_on, written_by, drafted_by, created_at, updated_at)
            values (%(id)s, %(tenant)s, %(title)s, %(folder)s, %(body)s, %(material_id)s, %(expires_on)s, %(user)s,
              array_remove(array[%(user)s::uuid], null), %(at)s, %(at)s)
            """,
            params | {"id": made},
        )
        audit.record(tx, "talk_script.created", "talk_script", made, None, {"title": given.title})
        return made
    before = get_script(tx, script_id)
    if before.status == "archived":
        raise _archived()
    tx.execute(
        f"""
        update talk_script set title = %(title)s, folder = %(folder)s, body = %(body)s, material_id = %(material_id)s, expires_on = %(expires_on)s,
          status = 'draft', written_by = %(user)s, {DRAFTED}, approved_by = null, updated_at = %(at)s
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        params | {"id": script_id},
    )
    old, new = audit.changes({"title": before.title, "body": before.body}, {"title": given.title, "body": given.body})
    audit.record(tx, "talk_script.changed", "talk_script", script_id, old, new | {"status": "draft"})
    return script_id


def rule(tx: Tx, what: str, one: UUID, status: Life, seen: datetime | None = None) -> None:
    """Approve a material or script, or put it away (`what`: `material`, `talk_script`); `seen`: as `second.refuse_own`.

    Raises NotFound, Forbidden for one's own, Conflict for one put away or changed meanwhile.
    """
    before = get_material(tx, one) if what == "material" else get_script(tx, one)
    if before.status == "archived" and status != "archived":
        raise _archived()
    if status == "approved":
        refuse_own(tx, before.drafted_by, before.updated_at, seen)
    done = tx.execute(
        f"""
        update {what} set status = %(status)s, approved_by = %(by)s, updated_at = %(at)s,
          drafted_by = case when %(status)s = 'approved' then '{{}}'::uuid[] else drafted_by end
        where tenant_id = %(tenant)s and id = %(id)s and (%(status)s <> 'approved' or updated_at = %(was)s)
        """,
        _now(tx, id=one, status=status, by=tx.user_id if status == "approved" else None, at=tx.machine_now, was=before.updated_at),
    )  # fmt: skip
    if not done:
        raise changed()
    audit.record(tx, f"{what}.{status}", what, one, {"status": before.status}, {"status": status})


def _now(tx: Tx, **more: object) -> dict[str, object]:
    return {"tenant": tx.tenant_id, "now": tx.now, "zone": str(tx.zone), "me": tx.user_id, **more}


def _refuse_many(tx: Tx, table: str) -> None:
    count = tx.value(
        f"select count(*) from {table} where tenant_id = %(tenant)s and status <> 'archived'", {"tenant": tx.tenant_id}
    )
    if count >= KEPT_MAX:
        raise Conflict(
            "too_many", f"最多 {KEPT_MAX} 条，请先停用不用的。", f"{KEPT_MAX} at most: put away what is not used."
        )


def _archived() -> Conflict:
    return Conflict("put_away", "已停用，不能再修改。", "It was put away and cannot be changed.")
