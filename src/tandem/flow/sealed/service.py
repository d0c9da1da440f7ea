"""Credentials as people handle them: set, listed by name, deleted. A value goes in and is never read out again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound
from tandem.stream.keys import tenant_keys
from tandem.stream.webhooks.targets import parse_target

NAME: Final = r"^[a-z][a-z0-9_]{0,39}$"
SECRETS_MAX: Final = 200
VALUE_MAX: Final = 4000
#: Shorter ones could not be told from ordinary words where an answer quotes them, and are no secrets.
VALUE_MIN: Final = 8
_PRINTABLE: Final = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")


@dataclass(frozen=True, slots=True)
class SecretRow:
    """A credential without its value."""

    name: str
    host: str
    note: str
    created_at: datetime
    updated_at: datetime
    updated_by: str | None


@dataclass(frozen=True, slots=True)
class User:
    """A flow whose drawing or published version names a credential."""

    secret: str
    flow_id: UUID
    flow: str


_ROW: Final = (
    "select s.name, s.host, s.note, s.created_at, s.updated_at, u.name as updated_by from flow_secret s"
    " left join staff_user u on u.tenant_id = %(tenant)s and u.id = s.updated_by where s.tenant_id = %(tenant)s"
)


def set_secret(tx: Tx, name: str, host: str, value: str, note: str = "") -> SecretRow:
    """Seal a credential under a name; a name that is taken gets the new value. Raises InvalidInput, Conflict beyond `SECRETS_MAX`.

    The host is given with every value: whoever may change where it goes must know it.
    """
    params = {"tenant": tx.tenant_id, "name": _named(name)}
    before = tx.maybe(SecretRow, f"{_ROW} and s.name = %(name)s", params)
    if (
        before is None
        and tx.value("select count(*) from flow_secret where tenant_id = %(tenant)s", params) >= SECRETS_MAX
    ):
        raise Conflict("too_many_secrets", f"最多 {SECRETS_MAX} 个凭据。", f"{SECRETS_MAX} credentials at most.")
    keys = tenant_keys(tx)
    key, wrapped = keys.new_data_key()
    after = {"name": name, "host": host_of(host), "note": note}
    tx.execute(
        "insert into flow_secret (tenant_id, name, host, note, key_enc, value_enc, created_at, updated_at, updated_by)"
        " values (%(tenant)s, %(name)s, %(host)s, %(note)s, %(key)s, %(value)s, %(at)s, %(at)s, %(user)s)"
        " on conflict (tenant_id, name) do update set host = excluded.host, note = excluded.note, key_enc = excluded.key_enc,"
        " value_enc = excluded.value_enc, updated_at = excluded.updated_at, updated_by = excluded.updated_by",
        {
            **params,
            **after,
            "key": wrapped,
            "value": keys.seal(key, _fit(value)),
            "at": tx.machine_now,
            "user": tx.user_id,
        },
    )
    old = None if before is None else {"name": before.name, "host": before.host, "note": before.note}
    audit.record(tx, "flow_secret.created" if old is None else "flow_secret.changed", "flow_secret", name, old, after)
    return get_secret(tx, name)


def get_secret(tx: Tx, name: str) -> SecretRow:
    """One credential, without its value. Raises NotFound."""
    found = tx.maybe(SecretRow, f"{_ROW} and s.name = %(name)s", {"tenant": tx.tenant_id, "name": name})
    if found is None:
        raise NotFound("secret_missing", "没有这个凭据。", "There is no such credential.")
    return found


def list_secrets(tx: Tx) -> list[SecretRow]:
    """All of them by name; `SECRETS_MAX` at most."""
    return tx.all(SecretRow, f"{_ROW} order by s.name", {"tenant": tx.tenant_id})


def remove_secret(tx: Tx, name: str) -> None:
    """Delete a credential at once, used or not: one that leaked must go. Calls that name it fail from now on. Raises NotFound."""
    row = get_secret(tx, name)
    tx.execute(
        "delete from flow_secret where tenant_id = %(tenant)s and name = %(name)s",
        {"tenant": tx.tenant_id, "name": name},
    )
    audit.record(tx, "flow_secret.deleted", "flow_secret", name, {"name": row.name, "host": row.host, "note": row.note})


def users(tx: Tx) -> list[User]:
    """Which flows name which credential, in their draft or a version that still runs."""
    return tx.all(
        User,
        "select distinct s.name as secret, f.id as flow_id, f.name as flow from flow f"
        " cross join lateral (select f.draft as graph union all select v.graph from flow_version v"
        "   where v.tenant_id = %(tenant)s and v.flow_id = f.id and v.status = 'published') g"
        " cross join lateral jsonb_path_query(g.graph, '$.blocks[*] ? (@.kind == \"integrate.http\").config') c"
        " join flow_secret s on s.tenant_id = %(tenant)s and ("
        "   jsonb_path_exists(c, '$.headers[*].secret ? (@ == $name)', jsonb_build_object('name', s.name))"
        "   or jsonb_path_exists(c, '$.body[*].secret ? (@ == $name)', jsonb_build_object('name', s.name))"
        "   or strpos(c ->> 'url', '{secret.' || s.name || '}') > 0)"
        " where f.tenant_id = %(tenant)s and f.status <> 'archived' order by 1, 3, 2",
        {"tenant": tx.tenant_id},
    )


def host_of(text: str) -> str:
    """A host as addresses spell it, also from a whole address. Raises InvalidInput."""
    shown = text.strip().lower()
    return parse_target(shown if "//" in shown else f"https://{shown}/", private_allowed=True).authority


def sealed(tx: Tx, names: list[str]) -> dict[str, tuple[str, bytes, bytes]]:
    """Name -> (host, wrapped key, sealed value) of those that are there."""
    rows: list[tuple[Any, ...]] = tx.cursor(
        "select name, host, key_enc, value_enc from flow_secret where tenant_id = %(tenant)s and name = any(%(names)s::text[])",
        {"tenant": tx.tenant_id, "names": names},
    ).fetchall()
    return {name: (host, bytes(key), bytes(value)) for name, host, key, value in rows}


def _named(name: str) -> str:
    if not re.fullmatch(NAME, name):
        detail = Detail(
            "name", "小写字母开头，只含小写字母、数字和下划线", "small letters, digits and underscores, a letter first"
        )
        raise InvalidInput("secret_name", "凭据的名称不可用。", "This name cannot be used.", details=(detail,))
    return name


def _fit(value: str) -> str:
    """The value, if a header can carry it. The refusal does not quote it."""
    if not VALUE_MIN <= len(value) <= VALUE_MAX or not _PRINTABLE.fullmatch(value):
        detail = Detail(
            "value",
            f"{VALUE_MIN} 至 {VALUE_MAX} 个可见的英文字符，首尾没有空格",
            f"{VALUE_MIN} to {VALUE_MAX} visible ASCII characters, no blank at either end",
        )
        raise InvalidInput("secret_value", "凭据的内容不可用。", "This value cannot be used.", details=(detail,))
    return value
