"""One request or batch is one transaction, committed at the edge: here.

A `Tx` carries who is asking (tenant, person, data scope) in the transaction's settings, where row-level security reads it, and the
tenant's business time, so that nobody below asks a clock.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, LiteralString, TypeVar, cast
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import class_row, dict_row, scalar_row
from psycopg_pool import ConnectionPool, PoolTimeout

from tandem.kernel.adapters import adapt
from tandem.kernel.errors import Unavailable
from tandem.kernel.settings import Role

T = TypeVar("T")
Params = Mapping[str, object]
Connection = psycopg.Connection[tuple[Any, ...]]
Observer = Callable[[str, Params | None], None]

#: Sees every statement a Tx runs; the architecture test that "every engine statement names its bucket" listens here.
observers: list[Observer] = []

_POOL_WAIT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Scope:
    """How far somebody sees: "all", the stores of a "region", one or more "store"s, or only their "own" customers."""

    kind: str = "all"
    store_ids: tuple[UUID, ...] = ()

    @staticmethod
    def all() -> Scope:
        """The whole tenant."""
        return Scope()


@dataclass(slots=True)
class Tx:
    """One open transaction on behalf of one tenant.

    `now` is the tenant's business time, `machine_now` the server's clock, both fixed at the transaction's start; `zone` is an IANA
    name. SQL is written with named psycopg parameters (`%(name)s`); row types are dataclasses or structs whose fields are the columns.
    """

    conn: Connection
    tenant_id: UUID
    user_id: UUID | None
    scope: Scope
    now: datetime
    machine_now: datetime
    zone: str
    currency: str
    _opened: set[UUID] = field(default_factory=set[UUID])
    root_id: UUID | None = None
    """What everything filed in this transaction goes back to (an import): events without a root of their own take it."""

    def execute(self, statement: str, params: Params | None = None, *, prepare: bool | None = None) -> int:
        """Run a statement; returns the number of rows it changed or found."""
        return self.cursor(statement, params, prepare=prepare).rowcount

    def cursor(
        self, statement: str, params: Params | None = None, *, prepare: bool | None = None, binary: bool = False
    ) -> psycopg.Cursor[tuple[Any, ...]]:
        """Run a statement and hand over the cursor with plain tuples: the engines' fast way out.

        `binary` lets the rows come in PostgreSQL's own form: for those that come by the thousand with ids, moments and bytes in them.
        """
        _observe(statement, params)
        native = _native(statement) if params is not None and len(statement) > _LONG else None
        if native is not None and params is not None:
            text, names = native
            values = [params[name] for name in names]
            return psycopg.RawCursor(self.conn).execute(text, values, prepare=prepare, binary=binary)
        return self.conn.execute(trusted(statement), params, prepare=prepare, binary=binary)

    def all(self, row: type[T], statement: str, params: Params | None = None) -> list[T]:
        """Every row, as instances of `row`."""
        _observe(statement, params)
        with self.conn.cursor(row_factory=class_row(row)) as cursor:
            return cursor.execute(trusted(statement), params).fetchall()

    def maybe(self, row: type[T], statement: str, params: Params | None = None) -> T | None:
        """The first row, or None."""
        _observe(statement, params)
        with self.conn.cursor(row_factory=class_row(row)) as cursor:
            return cursor.execute(trusted(statement), params).fetchone()

    def one(self, row: type[T], statement: str, params: Params | None = None) -> T:
        """The first row of a statement that always gives one. Raises LookupError when it does not."""
        found = self.maybe(row, statement, params)
        if found is None:
            message = "the statement gave no row"
            raise LookupError(message)
        return found

    def dicts(self, statement: str, params: Params | None = None) -> list[dict[str, Any]]:
        """Every row by column name, for results whose columns are only known at run time."""
        _observe(statement, params)
        with self.conn.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(trusted(statement), params).fetchall()

    def value(self, statement: str, params: Params | None = None) -> Any:
        """The first column of the first row, or None when there is no row."""
        _observe(statement, params)
        with self.conn.cursor(row_factory=scalar_row) as cursor:
            return cursor.execute(trusted(statement), params).fetchone()

    def values(self, statement: str, params: Params | None = None) -> list[Any]:
        """The first column of every row."""
        _observe(statement, params)
        with self.conn.cursor(row_factory=scalar_row) as cursor:
            return cursor.execute(trusted(statement), params).fetchall()

    def open_customers(self, customer_ids: Sequence[UUID]) -> None:
        """Let this transaction read the rows of these customers, whom the scoped policy of `customer` has just shown it.

        Row-level security of every customer-owned table compares with this set when the data scope is narrower than "all".
        """
        self._opened.update(customer_ids)
        text = "{" + ",".join(str(one) for one in self._opened) + "}"
        self.conn.execute("select set_config('tandem.customer_ids', %s, true)", (text,))

    def by_index(self) -> None:
        """Let plans made in this transaction look rows up by index, however few there are.

        For intake outside the door's own connections. Its statements look rows up one by one and are planned once: a plan made while the
        first few rows filled a page would read the whole table for each of a thousand keys, until autovacuum has come by.
        """
        self.conn.execute("set local enable_seqscan = off")

    @contextmanager
    def savepoint(self) -> Generator[None]:
        """What happens inside is undone alone when it raises: how a poison row is isolated."""
        with self.conn.transaction():
            yield


def trusted(statement: str) -> LiteralString:
    """Mark statement text that was written or printed by our own code; values are always bound, never part of it."""
    return cast("LiteralString", statement)


# psycopg reads the placeholders of a short statement once and of a long one each time: 0.7 ms for fifty segments, in every turn.
_LONG: Final = 4000
_PLACEHOLDER: Final = re.compile(r"%(?:\((\w+)\)(.)|(.))", re.DOTALL)


@lru_cache(maxsize=1024)
def _native(statement: str) -> tuple[bytes, tuple[str, ...]] | None:
    """A statement with PostgreSQL's own placeholders, and the names they stand for; None where a form is used that is not read here."""
    places: dict[str, int] = {}
    for name, form, other in _PLACEHOLDER.findall(statement):
        if other != "%" and form != "s":
            return None
        if name:
            places.setdefault(name, len(places) + 1)

    def native(found: re.Match[str]) -> str:
        return f"${places[found[1]]}" if found[1] else "%"

    return _PLACEHOLDER.sub(native, statement).encode(), tuple(places)


def _observe(statement: str, params: Params | None) -> None:
    for observer in observers:
        observer(statement, params)


class Database:
    """The pools of one process, one per role, opened on first use.

    `urls` maps a role to its address. `size` bounds each pool: one connection is one running transaction.
    """

    def __init__(self, urls: Mapping[Role, str], *, size: int = 16) -> None:
        self._urls = dict(urls)
        self._size = size
        self._pools: dict[Role, ConnectionPool[Connection]] = {}
        self._opening = threading.Lock()

    def url(self, role: Role) -> str:
        """The address a role connects to, for connections outside the pools (LISTEN, workers)."""
        return self._urls[role]

    def pool(self, role: Role) -> ConnectionPool[Connection]:
        """The pool of a role."""
        # A worker's jobs start together, each in a thread of its own: the second must not replace what the first has begun to use.
        with self._opening:
            if role not in self._pools:
                self._pools[role] = ConnectionPool(
                    _address(self._urls[role]),
                    min_size=1,
                    max_size=self._size,
                    configure=_configure_door if role == "door" else _configure,
                    check=ConnectionPool.check_connection,
                    timeout=_POOL_WAIT_SECONDS,
                    name=f"tandem-{role}",
                    open=True,
                )
            return self._pools[role]

    @contextmanager
    def connection(self, role: Role) -> Generator[Connection]:
        """A pooled connection whose transaction is committed when the block ends well and rolled back when it raises.

        Raises Unavailable when the database does not answer.
        """
        try:
            with self.pool(role).connection() as connection:
                yield connection
        except (PoolTimeout, psycopg.OperationalError) as error:
            # Lock and statement time-outs are OperationalErrors too; only a lost connection (08, 57P) or none at all is "no answer".
            if error.sqlstate is not None and not error.sqlstate.startswith(("08", "57P")):
                raise
            raise _no_answer() from error

    @contextmanager
    def tx(self, role: Role, *, tenant: UUID, user: UUID | None = None, scope: Scope | None = None) -> Generator[Tx]:
        """One transaction of one tenant: committed when the block ends well, rolled back when it raises.

        Raises LookupError for an unknown tenant, Unavailable when the database does not answer.
        """
        with self.connection(role) as connection:
            yield begin(connection, tenant=tenant, user=user, scope=scope)

    def close(self) -> None:
        """Give every connection back. The object may be used again afterwards."""
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()


def begin(connection: Connection, *, tenant: UUID, user: UUID | None = None, scope: Scope | None = None) -> Tx:
    """Tell the open transaction of `connection` whom it serves. Committing or rolling back stays with the caller."""
    seen = scope or Scope.all()
    found = connection.execute(
        "select business_now, machine_now, zone, currency from tandem_begin(%s, %s, %s, %s)",
        (tenant, user, seen.kind, list(seen.store_ids)),
    ).fetchone()
    if found is None:
        message = f"unknown tenant {tenant}"
        raise LookupError(message)
    now, machine_now, zone, currency = found
    return Tx(connection, tenant, user, seen, now, machine_now, zone, currency)


def connect(url: str, *, autocommit: bool = False) -> Connection:
    """A connection outside the pools, set up like them. Raises Unavailable when the database does not answer."""
    try:
        connection = psycopg.connect(_address(url), autocommit=autocommit)
    except psycopg.OperationalError as error:
        raise _no_answer() from error
    _configure(connection)
    return connection


def _address(url: str) -> str:
    # A peer that vanished without a word is noticed after about ten seconds instead of hours.
    return make_conninfo(
        url, keepalives=1, keepalives_idle=5, keepalives_interval=2, keepalives_count=3, connect_timeout=10
    )


def _configure(connection: Connection) -> None:
    # The engines keep a few hundred statements prepared: one per stretch of each running flow.
    connection.prepared_max = 1000
    connection.prepare_threshold = 3
    adapt(connection)


def _configure_door(connection: Connection) -> None:
    _configure(connection)
    connection.execute("set enable_seqscan = off")  # as `Tx.by_index` says
    connection.commit()


def _no_answer() -> Unavailable:
    return Unavailable(
        "database_unavailable",
        "数据库暂时没有响应，请稍后再试。",
        "The database does not answer at the moment; try again shortly.",
    )


@lru_cache(maxsize=4096)
def identifier(name: str) -> str:
    """A quoted SQL identifier, for the few places that print a table's or column's name from the metadata."""
    return sql.Identifier(name).as_string(None)
