"""Source accounts: make, change, look up, and open for the door."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from tandem.access import audit
from tandem.access.paging import from_cursor, page_of
from tandem.access.permissions import Grant, refuse_escalation
from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Database, Scope, Tx
from tandem.kernel.errors import Conflict, Detail, Forbidden, InvalidInput, NotFound, Unavailable
from tandem.kernel.ids import new_id
from tandem.kernel.settings import Role
from tandem.stream.door.kinds import Refused
from tandem.stream.keys import tenant_keys
from tandem.stream.rows import to_json
from tandem.stream.sources.connector import Account, Connector, connector_of
from tandem.stream.sources.mapping import mapping_of

ACCOUNTS_MAX: Final = 500
KNOWN_MAX: Final = 20_000
"""Accounts of all tenants that one process remembers; the one longest not looked at again goes first."""
UNKNOWN_MAX: Final = 1_000
REMEMBERED_SECONDS: Final = 5.0
"""After so long an account is looked at again. Who must not go by an older state compares stamps in the transaction that counts."""


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account without its secret."""

    id: UUID
    connector: str
    source: str
    name: str
    status: str
    config: dict[str, Any]
    mapping: dict[str, Any] | None
    lag_seconds_max: int
    failure_percent_max: int
    silent_minutes_max: int | None
    secret_expires_at: datetime | None
    created_at: datetime
    updated_at: datetime


_COLUMNS: Final = """id, connector, source, name, status, config, mapping, lag_seconds_max, failure_percent_max, silent_minutes_max,
secret_expires_at, created_at, updated_at"""


def list_accounts(
    tx: Tx, *, cursor: str | None, limit: int, connector: str | None = None
) -> tuple[list[AccountRow], str | None]:
    """A page of accounts, newest first; of one connector or of all."""
    after = None if cursor is None else from_cursor(cursor, 1)[0]
    rows = tx.all(
        AccountRow,
        f"""
        select {_COLUMNS} from source_account where tenant_id = %(tenant)s and (%(after)s::uuid is null or id < %(after)s::uuid)
          and (%(connector)s::text is null or connector = %(connector)s)
        order by id desc limit %(limit)s
        """,
        {"tenant": tx.tenant_id, "after": after, "limit": limit + 1, "connector": connector},
    )
    return page_of(rows, limit, "id")


def get_account(tx: Tx, account_id: UUID) -> AccountRow:
    """One account. Raises NotFound."""
    row = tx.maybe(
        AccountRow,
        f"select {_COLUMNS} from source_account where tenant_id = %(tenant)s and id = %(id)s",
        {"tenant": tx.tenant_id, "id": account_id},
    )
    if row is None:
        raise NotFound("no_such_source", "没有这个数据源。", "There is no such source.")
    return row


def create_account(tx: Tx, values: Mapping[str, Any], secret: str | None) -> tuple[UUID, str]:
    """Store an account; returns its id and its secret, made up where none was given. Raises InvalidInput, Conflict."""
    known = tx.value("select count(*) from source_account where tenant_id = %(tenant)s", {"tenant": tx.tenant_id})
    if known >= ACCOUNTS_MAX:
        raise Conflict("too_many_sources", f"最多 {ACCOUNTS_MAX} 个数据源。", f"{ACCOUNTS_MAX} sources at most.")
    config = _connector(values["connector"]).check(values["config"])
    check_mapping(values["mapping"])
    account_id, opened, keys = new_id(), secret or secrets.token_urlsafe(32), tenant_keys(tx)
    key, wrapped = keys.new_data_key()
    made = tx.value(
        """
        insert into source_account (tenant_id, id, connector, source, name, config, mapping, key_enc, secret_enc, lag_seconds_max,
          failure_percent_max, silent_minutes_max, secret_expires_at, created_by, created_at, updated_at)
        values (%(tenant)s, %(id)s, %(connector)s, %(source)s, %(name)s, %(config)s::jsonb, %(mapping)s::jsonb, %(key)s, %(secret)s,
          %(lag_seconds_max)s, %(failure_percent_max)s, %(silent_minutes_max)s, %(secret_expires_at)s, %(user)s, now(), now())
        on conflict do nothing returning id
        """,
        {
            "secret_expires_at": None,
            **values,
            "config": to_json(config),
            "mapping": None if values["mapping"] is None else to_json(values["mapping"]),
            "tenant": tx.tenant_id,
            "id": account_id,
            "key": wrapped,
            "secret": keys.seal(key, opened),
            "user": tx.user_id,
        },
    )
    if made is None:
        raise Conflict("source_taken", "这个来源名称已被使用。", "Another account already has this source name.")
    if values["connector"] == "poll":
        file_poll(tx, account_id)
    audit.record(tx, "source.created", "source_account", account_id, None, _told({**values, "config": config}))
    return account_id, opened


def file_poll(tx: Tx, account_id: UUID) -> None:
    """Have an account asked from now on, from where it was left."""
    tx.execute(
        """
        insert into source_poll (tenant_id, account_id, next_at) values (%(tenant)s, %(id)s, now())
        on conflict (tenant_id, account_id) do update set next_at = now(), failures = 0
        """,
        {"tenant": tx.tenant_id, "id": account_id},
    )


_let_in: Final[list[Callable[[Tx, UUID], Iterable[str]]]] = []


def register_way_in(permissions: Callable[[Tx, UUID], Iterable[str]]) -> None:
    """Say what whoever comes in through an account may do; the rooms in which a platform says who somebody is register theirs."""
    if permissions not in _let_in:
        _let_in.append(permissions)


def refuse_way_in(tx: Tx, grants: Sequence[Grant], account_id: UUID) -> None:
    """Keys and addresses of an account by which people sign in are changed only by who may do all that these may.

    Whoever leads such an account to a company of her own says there who is the administrator. Raises Forbidden.
    """
    beyond = {one for permissions in _let_in for one in permissions(tx, account_id)}
    try:
        refuse_escalation(grants, beyond | {"user.write"} if beyond else (), Scope.all())
    except Forbidden as error:
        raise Forbidden(
            "way_in",
            "同事通过这个账号登录，他们的权限超出了您的权限，请由管理员修改。",
            "Colleagues who may do more than you sign in by this account; an administrator has to change it.",
        ) from error


def change_account(tx: Tx, row: AccountRow, values: Mapping[str, Any], secret: str | None = None) -> None:
    """Set what was given. Raises InvalidInput, also where a kept secret would go to another host."""
    given = dict(values)
    if "config" in given:
        given["config"] = _connector(row.connector).check(given["config"])
        if secret is None and row.connector == "poll" and _host(given["config"]) != _host(row.config):
            raise InvalidInput(
                "secret_needed",
                "换了服务器地址，请把对方给的密钥再填一次。",
                "The address is on another server: give the secret for it again.",
                details=(Detail("secret", "新地址的密钥", "The secret for the new address"),),
            )
    if secret is not None:
        set_secret(tx, row.id, secret, given.get("secret_expires_at", row.secret_expires_at))
    if "mapping" in given:
        check_mapping(given["mapping"])
    old, new = audit.changes({name: getattr(row, name) for name in given}, given)
    if not new:
        return
    columns = ", ".join(f"{one} = %({one})s" + ("::jsonb" if one in {"config", "mapping"} else "") for one in new)
    bound = {
        name: to_json(value) if name in {"config", "mapping"} and value is not None else value
        for name, value in new.items()
    }
    tx.execute(
        f"update source_account set {columns}, updated_at = now() where tenant_id = %(tenant)s and id = %(id)s",
        {**bound, "tenant": tx.tenant_id, "id": row.id},
    )
    if row.connector == "poll" and (new.get("status") == "active" or "config" in new):
        file_poll(tx, row.id)
    audit.record(tx, "source.changed", "source_account", row.id, _told(old), _told(new))


def _host(config: Mapping[str, Any]) -> tuple[str, str]:
    """Where a source's secret goes: scheme, and host with port."""
    parts = urlsplit(str(config.get("url", "")))
    return parts.scheme, parts.netloc.rpartition("@")[2].lower()


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as the trail takes them."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def set_secret(tx: Tx, account_id: UUID, secret: str | None, expires_at: datetime | None = None) -> str:
    """Replace the secret by the one given, or by a new one, with its end; returns it. Raises NotFound."""
    get_account(tx, account_id)
    opened, keys = secret or secrets.token_urlsafe(32), tenant_keys(tx)
    key, wrapped = keys.new_data_key()
    tx.execute(
        """
        update source_account set key_enc = %(key)s, secret_enc = %(secret)s, secret_expires_at = %(expires)s, updated_at = now()
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        {
            "tenant": tx.tenant_id,
            "id": account_id,
            "key": wrapped,
            "secret": keys.seal(key, opened),
            "expires": expires_at,
        },
    )
    audit.record(tx, "source.secret_changed", "source_account", account_id)
    return opened


def remove_account(tx: Tx, account_id: UUID) -> None:
    """Take an account away; what it sent stays. Raises NotFound."""
    row = get_account(tx, account_id)
    params = {"tenant": tx.tenant_id, "id": account_id}
    tx.execute("delete from source_poll where tenant_id = %(tenant)s and account_id = %(id)s", params)
    tx.execute("delete from source_account where tenant_id = %(tenant)s and id = %(id)s", params)
    audit.record(tx, "source.removed", "source_account", account_id, {"name": row.name, "source": row.source}, None)


def check_mapping(mapping: Mapping[str, Any] | None) -> None:
    """Raise InvalidInput unless the mapping can be read."""
    if mapping is None:
        return
    try:
        mapping_of(mapping)
    except Refused as error:
        raise _bad_mapping(f"mapping.{error.where}", error.zh, error.en) from error
    except msgspec.ValidationError as error:
        raise _bad_mapping("mapping", str(error), str(error)) from error


def _bad_mapping(where: str, zh: str, en: str) -> InvalidInput:
    return InvalidInput("bad_mapping", "字段映射有误。", "The mapping is not right.", details=(Detail(where, zh, en),))


def _connector(name: str) -> Connector:
    found = connector_of(name)
    if found is None:
        raise InvalidInput(
            "unknown_connector",
            "没有这种接入方式。",
            "There is no such connector.",
            details=(Detail("connector", f"不认识 {name}", f"{name} is not known here"),),
        )
    return found


class _Stored(msgspec.Struct, frozen=True):
    id: UUID
    connector: str
    source: str
    status: str
    config: dict[str, Any]
    mapping: dict[str, Any] | None
    key_enc: bytes
    secret_enc: bytes
    stamp: str


# A row's xmin is the transaction that wrote it: whatever changes the account changes it, whoever wrote the statement.
_OPEN: Final = """
select id, connector, source, status, config, mapping, key_enc, secret_enc, xmin::text as stamp
from source_account where tenant_id = %(tenant)s
"""


def opened_account(tx: Tx, *, account_id: UUID | None = None, source: str | None = None) -> Account | None:
    """An account with its secret, by its id or by its source name."""
    by, value = ("id", account_id) if account_id is not None else ("source", source)
    row = tx.maybe(_Stored, f"{_OPEN} and {by} = %(value)s", {"tenant": tx.tenant_id, "value": value})
    if row is None:
        return None
    keys = tenant_keys(tx)
    secret = keys.open(keys.unwrap(bytes(row.key_enc)), bytes(row.secret_enc))
    return Account(
        tx.tenant_id, row.id, row.connector, row.source, row.status, row.config, row.mapping, secret, row.stamp
    )


@dataclass(frozen=True, slots=True)
class Remembered:
    """An account as it was known. `fresh_until`, `looked_at`: seconds of a clock that never goes back."""

    account: Account
    looked_at: float
    fresh_until: float
    blind: bool = False
    """The last look got no answer from the database."""


class Accounts:
    """The accounts one process has opened for its doors, each looked at again after `seconds`.

    While the database does not answer, what was known goes on being used: with a buffer before the database the door stays open. Ids that
    are no account's are remembered apart from those that are, and few of them: whoever invents ids pushes out other invented ones.
    """

    def __init__(self, seconds: float = REMEMBERED_SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._known: OrderedDict[UUID, Remembered] = OrderedDict()
        self._unknown: OrderedDict[UUID, float] = OrderedDict()
        self._keys: dict[UUID, TenantKeys] = {}

    def keys(self, tenant: UUID) -> TenantKeys:
        """The keys of a tenant one of whose accounts was looked up."""
        return self._keys[tenant]

    def recall(self, account_id: UUID) -> Remembered | None:
        """What is remembered of an account, fresh or not."""
        return self._known.get(account_id)

    def is_nobody(self, account_id: UUID) -> bool:
        """Whether it was seen a moment ago that there is no such account."""
        return time.monotonic() < self._unknown.get(account_id, 0.0)

    def get(self, db: Database, account_id: UUID, role: Role = "door") -> Account | None:
        """The account, or None. Raises Unavailable when it was never seen and the database does not answer."""
        known = self._known.get(account_id)
        if known is not None and time.monotonic() < known.fresh_until:
            return known.account
        return None if self.is_nobody(account_id) else self.look(db, account_id, role)

    def look(self, db: Database, account_id: UUID, role: Role = "door") -> Account | None:
        """Ask the database now, whatever is remembered. Raises like `get`."""
        known, at, blind = self._known.get(account_id), time.monotonic(), False
        try:
            found = self._look(db, account_id, role)
        except Unavailable:
            if known is None:
                raise
            found, blind = known.account, True
        if found is not None and known is not None and found.stamp and found.stamp == known.account.stamp:
            found = known.account  # with what connectors have opened of it
        self._remember(account_id, found, at, blind=blind)
        return found

    def _remember(self, account_id: UUID, found: Account | None, looked_at: float, *, blind: bool) -> None:
        until = time.monotonic() + self._seconds
        with self._lock:
            if found is None:
                self._known.pop(account_id, None)
                self._unknown[account_id] = until
                while len(self._unknown) > UNKNOWN_MAX:
                    self._unknown.popitem(last=False)
                return
            self._unknown.pop(account_id, None)
            self._known[account_id] = Remembered(found, looked_at, until, blind)
            self._known.move_to_end(account_id)
            while len(self._known) > KNOWN_MAX:
                self._known.popitem(last=False)

    def _look(self, db: Database, account_id: UUID, role: Role) -> Account | None:
        with db.connection(role) as connection:
            row = connection.execute("select tenant_id from source_account_tenant(%s)", (account_id,)).fetchone()
        if row is None:
            return None
        with db.tx(role, tenant=row[0]) as tx:
            self._keys[row[0]] = tenant_keys(tx)
            return opened_account(tx, account_id=account_id)
