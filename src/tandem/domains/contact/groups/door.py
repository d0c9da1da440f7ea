"""What the door understands of groups: that one changed, and who is in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Literal, cast

import msgspec

from tandem.catalog.label import Label
from tandem.domains.contact.groups.events import GROUP_REPORTED
from tandem.kernel.db import Tx
from tandem.kernel.ids import derived_id
from tandem.stream.door.kinds import (
    CustomerFields,
    DoorKind,
    Envelope,
    EventOut,
    Identifier,
    Key,
    Normalised,
    Refused,
    Text,
)
from tandem.stream.rows import to_json

GROUP: Final = "group_chat"
MEMBER: Final = "group_member"


class GroupTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A platform's word that a group changed: it is to be read. `change`: create, update or dismiss."""

    chat_id: Key
    change: Literal["create", "update", "dismiss"]
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    source: Text = ""


class MemberIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A customer who is in a group, as reading found her."""

    identifiers: Annotated[list[Identifier], msgspec.Meta(min_length=1, max_length=20)]
    chat_id: Key
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    scene: Text = ""
    state: Text = ""
    name: Text = ""


def membership_key(chat_id: str, external: str) -> str:
    """What tells one customer in one group from all others of a source."""
    return f"{chat_id}\x1f{external}"


def _told(envelope: Envelope, said: GroupTold) -> Normalised:
    return Normalised(reference=msgspec.structs.replace(said, source=envelope.source))


def _member(envelope: Envelope, said: MemberIn) -> Normalised:
    named = next((one for one in said.identifiers if one.kind == "open_id"), None)
    if named is None:
        raise Refused(
            "identifiers", "群成员要有平台的客户编号", "a group member needs the platform's id of the customer"
        )
    payload = {
        "membership_id": str(envelope.entity_uuid(MEMBER, membership_key(said.chat_id, named.value))),
        "group_chat_id": str(envelope.entity_uuid(GROUP, said.chat_id)),
        "source": envelope.source,
        "change": "joined",
        "scene": said.scene,
        "state": said.state,
    }
    return Normalised(
        identifiers=said.identifiers,
        events=(EventOut(GROUP_REPORTED, said.at, payload, once="reported"),),
        customer=CustomerFields(name=said.name) if said.name else None,
    )


# A group told of before anybody listed it is made here; reading fills it. Ordered, so that two doors never wait for each other crosswise.
_FILE: Final = """
insert into group_chat as g (id, tenant_id, account_id, chat_id, told_at, due_at)
select n.id, %(tenant)s, a.id, n.chat_id, now(), now()
from jsonb_to_recordset(%(rows)s::jsonb) as n(id uuid, source text, chat_id text)
join source_account as a on a.tenant_id = %(tenant)s and a.source = n.source
order by n.id
on conflict (tenant_id, account_id, chat_id) do update set told_at = now(), due_at = now(), looks = 0
"""


def file_groups(tx: Tx, records: Sequence[object]) -> None:
    """Groups that changed are read again at once."""
    told = {(one.source, one.chat_id) for one in cast("Sequence[GroupTold]", records)}
    rows = [
        {"id": group_uuid(tx, source, chat_id), "source": source, "chat_id": chat_id}
        for source, chat_id in sorted(told)
    ]
    tx.execute(_FILE, {"tenant": tx.tenant_id, "rows": to_json(rows)})


def group_uuid(tx: Tx, source: str, chat_id: str) -> str:
    """The id that a group of a source always has with us; the same as `Envelope.entity_uuid` gives."""
    return str(derived_id(tx.tenant_id, source, GROUP, chat_id))


DOOR_KINDS: Final = (
    DoorKind("group_told", Label("客户群变动通知", "Group changed"), GroupTold, _told, file_groups, verified_only=True),
    DoorKind(MEMBER, Label("客户群成员", "Group member"), MemberIn, _member, verified_only=True),
)
