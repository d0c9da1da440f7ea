"""The corporation's tags as both sides have them: read from the platform, made there, taken away on either side (decision 140)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from tandem.domains.contact.gateway import GatewayFailure, Line
from tandem.domains.contact.reaching import GroupThere
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import InvalidInput
from tandem.kernel.ids import BUCKETS, new_id
from tandem.stream.rows import to_json
from tandem.stream.segment import fill
from tandem.stream.tags import service as tags

_ALL_BUCKETS: Final = list(range(BUCKETS))
FULL: Final = GatewayFailure("full", "标签数量已达平台上限 / the platform takes no more tags", "full")


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group of ours."""

    id: UUID
    group_id: str | None
    name: str
    wins: str


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A tag of ours and what it is there."""

    id: UUID
    group_row: UUID
    tag_id: str | None
    name: str
    tag: str
    status: str


def groups_of(tx: Tx, account: UUID) -> list[GroupRow]:
    """An account's groups."""
    return tx.all(
        GroupRow,
        "select id, group_id, name, wins from platform_tag_group where tenant_id = %(tenant)s and account_id = %(account)s order by place, name",
        _params(tx, account=account),
    )


def labels_of(tx: Tx, account: UUID) -> list[LabelRow]:
    """An account's tags."""
    return tx.all(
        LabelRow,
        "select id, group_row, tag_id, name, tag, status from platform_tag where tenant_id = %(tenant)s and account_id = %(account)s order by id",
        _params(tx, account=account),
    )


def keep(tx: Tx, account: UUID, found: Sequence[GroupThere]) -> None:
    """Write down the platform's list. What is new becomes a tag of ours; what is gone there follows the group's rule."""
    groups = _keep_groups(tx, account, found)
    before = labels_of(tx, account)
    read = {there.id for group in found for there in group.tags}
    by_id = {one.tag_id: one for one in before if one.tag_id}
    # By its name only what the reading has under no other id: a renamed tag's old name may be a new tag's.
    by_name = {(one.group_row, one.name): one for one in before if one.tag_id not in read}
    taken = {one.tag for one in before} | _computed(tx)
    rows: list[dict[str, Any]] = []
    for group in found:
        home = groups[group.name]
        for place, there in enumerate(group.tags):
            known = by_id.get(there.id) or by_name.pop((home.id, there.name), None)
            tag = known.tag if known else _name_for(group.name, there.name, taken)
            taken.add(tag)
            status = "ended" if known is not None and known.status == "ended" else "there"
            rows.append(
                {
                    "id": known.id if known else new_id(), "group_row": home.id, "tag_id": there.id, "name": there.name, "tag": tag,
                    "place": place, "status": status,
                }
            )  # fmt: skip
    tags.know(tx, {str(row["tag"]) for row in rows if row["status"] == "there"})
    ids = {row["id"] for row in rows}
    moved = _moved({one.id: (one.group_row, one.name) for one in before}, {row["id"]: (row["group_row"], row["name"]) for row in rows})  # fmt: skip
    tx.execute(
        """
        update platform_tag as p set name = n.name from jsonb_to_recordset(%(rows)s::jsonb) as n(id uuid, name text)
        where p.tenant_id = %(tenant)s and p.id = n.id
        """,
        _params(tx, rows=moved),
    )
    tx.execute(
        """
        insert into platform_tag as p (id, tenant_id, account_id, group_row, tag_id, name, tag, place, status)
        select n.id, %(tenant)s, %(account)s, n.group_row, n.tag_id, n.name, n.tag, n.place, n.status
        from jsonb_to_recordset(%(rows)s::jsonb) as n(id uuid, group_row uuid, tag_id text, name text, tag text, place int, status text)
        on conflict (id) do update set group_row = excluded.group_row, tag_id = excluded.tag_id, name = excluded.name, place = excluded.place,
          status = excluded.status, problem = null
        """,
        _params(tx, account=account, rows=to_json(rows)),
    )
    wins = {one.id: one.wins for one in groups_of(tx, account)}
    for one in before:
        if one.status == "there" and one.id not in ids:
            _gone_there(tx, one, wins.get(one.group_row, "last"))


def _keep_groups(tx: Tx, account: UUID, found: Sequence[GroupThere]) -> dict[str, GroupRow]:
    before = groups_of(tx, account)
    read = {group.id for group in found}
    by_id = {one.group_id: one for one in before if one.group_id}
    by_name = {one.name: one for one in before if one.group_id not in read}
    rows: list[dict[str, Any]] = []
    for place, group in enumerate(found):
        known = by_id.get(group.id) or by_name.pop(group.name, None)
        rows.append({"id": known.id if known else new_id(), "group_id": group.id, "name": group.name, "place": place})
    moved = _moved({one.id: (account, one.name) for one in before}, {row["id"]: (account, row["name"]) for row in rows})
    tx.execute(
        """
        update platform_tag_group as g set name = n.name from jsonb_to_recordset(%(rows)s::jsonb) as n(id uuid, name text)
        where g.tenant_id = %(tenant)s and g.id = n.id
        """,
        _params(tx, rows=moved),
    )
    tx.execute(
        """
        with gone as (
          update platform_tag_group as g set group_id = null where g.tenant_id = %(tenant)s and g.account_id = %(account)s
            and g.group_id is not null and g.group_id <> all(%(ids)s::text[]))
        insert into platform_tag_group as g (id, tenant_id, account_id, group_id, name, place)
        select n.id, %(tenant)s, %(account)s, n.group_id, n.name, n.place
        from jsonb_to_recordset(%(rows)s::jsonb) as n(id uuid, group_id text, name text, place int)
        on conflict (id) do update set group_id = excluded.group_id, name = excluded.name, place = excluded.place
        """,
        _params(tx, account=account, rows=to_json(rows), ids=[row["group_id"] for row in rows]),
    )
    return {one.name: one for one in groups_of(tx, account)}


def _moved(before: dict[UUID, tuple[UUID, str]], after: dict[UUID, tuple[UUID, str]]) -> str:
    """Rows (JSON) whose names go aside before new ones are written, so that names may be exchanged. Keys are (home, name).

    Who is in `after` gets a name of nobody's for the moment; who is not, and whose name is somebody else's now, a numbered one for good.
    """
    rows = [{"id": one, "name": f"{one}"} for one, key in before.items() if one in after and after[one] != key]
    used = set(after.values()) | set(before.values())
    for one, (home, name) in before.items():
        if one not in after and (home, name) in after.values():
            free = next(f"{name}·{n}" for n in range(2, len(used) + 3) if (home, f"{name}·{n}") not in used)
            used.add((home, free))
            rows.append({"id": one, "name": free})
    return to_json(rows)


def _computed(tx: Tx) -> set[str]:
    """Tags that a rule of ours sets: no platform's tag is one of them."""
    return set(tx.values("select name from tag where tenant_id = %(tenant)s and kind = 'computed'", _params(tx)))


def _name_for(group: str, name: str, taken: set[str]) -> str:
    """Our name of a platform's tag: its own, with its group's where that is taken, numbered where that is too."""
    choices = [name, f"{group}/{name}", *(f"{group}/{name}/{number}" for number in range(2, 100))]
    for one in choices:
        tag = _clean(one)
        if tag and tag not in taken:
            return tag
    return _clean(f"{new_id()}")


def _clean(name: str) -> str:
    try:
        return tags.clean(name[: tags.TAG_CHARACTERS_MAX])
    except InvalidInput:
        return ""


def _gone_there(tx: Tx, label: LabelRow, wins: str) -> None:
    """Somebody took a tag away on the platform: nobody has it there any more.

    Where ours holds it is made anew and given again; where theirs holds it goes here too; else it stays here, as a tag of ours alone.
    """
    params = _params(tx, id=label.id, buckets=_ALL_BUCKETS)
    if wins == "ours":
        tx.execute(
            """
            update friend_tag set there = false, known_at = clock_timestamp(), wanted = true, due_at = clock_timestamp(), attempts = 0
            where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and label_id = %(id)s and there
            """,
            params,
        )
        tx.execute(
            "update platform_tag set status = 'wanted', tag_id = null where tenant_id = %(tenant)s and id = %(id)s",
            params,
        )
        return
    forget(tx, label.id)
    tx.execute(
        "update platform_tag set status = 'gone', tag_id = null where tenant_id = %(tenant)s and id = %(id)s", params
    )
    if wins == "platform":
        fill.start_clearing(tx, label.id, label.tag)


def forget(tx: Tx, label_id: UUID) -> None:
    """What was known of who has a tag there is known no more."""
    tx.execute(
        "delete from friend_tag where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and label_id = %(id)s",
        _params(tx, id=label_id, buckets=_ALL_BUCKETS),
    )


def end_retired(db: Database, tenant: UUID, account: UUID, line: Line) -> None:
    """Tags that people here took away: gone there too where ours holds, else they are the platform's alone from now on."""
    with db.tx("worker", tenant=tenant) as tx:
        wins = {one.id: one.wins for one in groups_of(tx, account)}
        retired = [
            one
            for one in labels_of(tx, account)
            if one.status == "there"
            and not tx.value(
                "select 1 from tag where tenant_id = %(tenant)s and name = %(tag)s", _params(tx, tag=one.tag)
            )
        ]
    for one in retired:
        if wins.get(one.group_row) == "ours" and one.tag_id is not None:
            try:
                line.drop_tag(one.tag_id)
            except GatewayFailure as failure:
                if failure.why != "gone":
                    raise
        with db.tx("worker", tenant=tenant) as tx:
            forget(tx, one.id)
            tx.execute(
                "update platform_tag set status = 'ended' where tenant_id = %(tenant)s and id = %(id)s",
                _params(tx, id=one.id),
            )


def make_wanted(db: Database, tenant: UUID, account: UUID, line: Line) -> int:
    """Make tags on the platform that people here want there; returns how many. What does not fit is said beside the tag."""
    with db.tx("worker", tenant=tenant) as tx:
        room = tx.value(
            """
            select a.tags_max - (select count(*) from platform_tag as p where p.tenant_id = %(tenant)s and p.account_id = a.account_id
              and p.tag_id is not null)
            from tag_account as a where a.tenant_id = %(tenant)s and a.account_id = %(account)s
            """,
            _params(tx, account=account),
        )
        groups = groups_of(tx, account)
        wanted = [one for one in labels_of(tx, account) if one.status == "wanted"]
    made = 0
    for group in groups:
        mine = [one for one in wanted if one.group_row == group.id]
        fits, over = mine[: max(0, room - made)], mine[max(0, room - made) :]
        if over:
            _refused(db, tenant, over, FULL)
        if not fits:
            continue
        try:
            there = line.add_tags(group.group_id, group.name, [one.name for one in fits])
        except GatewayFailure as failure:
            if failure.why in {"later", "lost", "set_up"}:
                raise
            _refused(db, tenant, fits, failure)
            continue
        made += len(fits)
        ids = {one.name: one.id for one in there.tags}
        with db.tx("worker", tenant=tenant) as tx:
            rows = [{"id": one.id, "tag_id": ids.get(one.name)} for one in fits if one.name in ids]
            tx.execute(
                """
                with made as (
                  update platform_tag as p set tag_id = n.tag_id, status = 'there', problem = null, told_to = 0
                  from jsonb_to_recordset(%(rows)s::jsonb) as n(id uuid, tag_id text) where p.tenant_id = %(tenant)s and p.id = n.id)
                update platform_tag_group set group_id = %(group_id)s where tenant_id = %(tenant)s and id = %(group)s
                """,
                _params(tx, rows=to_json(rows), group=group.id, group_id=there.id),
            )
    return made


def _refused(db: Database, tenant: UUID, labels: Sequence[LabelRow], failure: GatewayFailure) -> None:
    with db.tx("worker", tenant=tenant) as tx:
        tx.execute(
            """
            update platform_tag set status = 'gone', problem = %(problem)s::jsonb where tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])
            """,
            _params(tx, ids=[one.id for one in labels], problem=to_json(failure.problem())),
        )


def _params(tx: Tx, **more: Any) -> dict[str, Any]:
    return {"tenant": tx.tenant_id, **more}
