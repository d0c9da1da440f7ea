"""The look-ups that happen before a tenant is known: the only ones that cross tenants.

Each is a security-definer function that takes a secret (or a log-in name) and gives back at most the one row it opens. They are
listed, with what they check, in docs/security.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from psycopg.rows import class_row

from tandem.access.identity import SESSION_IDLE, Identity, IdentityRow, fingerprint, identity_of
from tandem.kernel.db import Database
from tandem.kernel.roles import WEB, register_sql

# A session's last use is written at most this often, so that reading pages does not write rows.
TOUCH_EVERY = timedelta(seconds=60)

register_sql("""
create or replace function access_unit_stores(unit uuid) returns jsonb
language sql stable security definer set search_path = public, pg_temp as $$
  with recursive below as (
    select o.id, o.kind, o.tenant_id, 1 as depth from org_unit o where o.id = unit
    union all
    select o.id, o.kind, o.tenant_id, b.depth + 1 from org_unit o join below b on o.parent_id = b.id and o.tenant_id = b.tenant_id
    where b.depth < 8
  )
  select coalesce(jsonb_agg(b.id order by b.id), '[]'::jsonb) from below b where b.kind = 'store'
$$
""")
register_sql("""
create or replace function access_grants(tenant uuid, staff uuid) returns jsonb
language sql stable security definer set search_path = public, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_object(
           'permissions', to_jsonb(r.permissions), 'scope', a.scope,
           'store_ids', case when a.org_unit_id is null then '[]'::jsonb else access_unit_stores(a.org_unit_id) end
         ) order by a.id), '[]'::jsonb)
  from role_assignment a join staff_role r on r.tenant_id = a.tenant_id and r.id = a.role_id
  where a.tenant_id = tenant and a.user_id = staff
$$
""")
register_sql("""
create or replace function access_login(typed text)
returns table (tenant_id uuid, user_id uuid, password_hash text, active boolean)
language sql stable security definer set search_path = public, pg_temp as $$
  select u.tenant_id, u.id, u.password_hash, u.active from staff_user u where lower(u.login) = lower(typed)
$$
""")
register_sql("""
create or replace function access_session(token bytea, idle interval)
returns table (tenant_id uuid, user_id uuid, login text, name text, language text, grants jsonb, way_id uuid,
               key_permissions text[], touched_at timestamptz)
language sql stable security definer set search_path = public, pg_temp as $$
  select u.tenant_id, u.id, u.login, u.name, coalesce(u.language, t.language), access_grants(u.tenant_id, u.id), s.id,
         null::text[], s.last_seen_at
  from staff_session s
  join staff_user u on u.tenant_id = s.tenant_id and u.id = s.user_id and u.active
  join tenant t on t.id = u.tenant_id
  where s.token_hash = token and s.expires_at > now() and s.last_seen_at > now() - idle
$$
""")
register_sql("""
create or replace function access_key(hash bytea)
returns table (tenant_id uuid, user_id uuid, login text, name text, language text, grants jsonb, way_id uuid,
               key_permissions text[], touched_at timestamptz)
language sql stable security definer set search_path = public, pg_temp as $$
  select u.tenant_id, u.id, u.login, k.name, coalesce(u.language, t.language), access_grants(u.tenant_id, u.id), k.id,
         k.permissions, k.last_used_at
  from api_key k
  join staff_user u on u.tenant_id = k.tenant_id and u.id = k.created_by and u.active
  join tenant t on t.id = u.tenant_id
  where k.key_hash = hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
$$
""")
for _function, _callers in (
    ("access_unit_stores(uuid)", ""),
    ("access_grants(uuid, uuid)", ""),
    ("access_login(text)", WEB),
    ("access_session(bytea, interval)", WEB),
    ("access_key(bytea)", WEB),
):
    register_sql(f"revoke all on function {_function} from public")
    if _callers:
        register_sql(f"grant execute on function {_function} to {_callers}")


@dataclass(frozen=True, slots=True)
class LoginRow:
    """The one account a typed log-in name belongs to."""

    tenant_id: UUID
    user_id: UUID
    password_hash: str
    active: bool


def find_login(db: Database, login: str) -> LoginRow | None:
    """The account of a log-in name, in whichever tenant it is."""
    with db.connection("web") as connection, connection.cursor(row_factory=class_row(LoginRow)) as cursor:
        return cursor.execute("select * from access_login(%s)", (login,)).fetchone()


def identify_session(db: Database, token: str) -> Identity | None:
    """Who holds this session token; None when it is unknown, expired, idle too long, or its person was disabled."""
    with db.connection("web") as connection, connection.cursor(row_factory=class_row(IdentityRow)) as cursor:
        row = cursor.execute("select * from access_session(%s, %s)", (fingerprint(token), SESSION_IDLE)).fetchone()
    if row is None:
        return None
    identity = identity_of(row, by_key=False)
    _touch(
        db,
        identity,
        row.touched_at,
        "update staff_session set last_seen_at = now() where tenant_id = %(tenant)s and id = %(id)s",
    )
    return identity


def identify_key(db: Database, key: str) -> Identity | None:
    """Who holds this API key; None when it is unknown, expired, revoked, or its maker was disabled."""
    with db.connection("web") as connection, connection.cursor(row_factory=class_row(IdentityRow)) as cursor:
        row = cursor.execute("select * from access_key(%s)", (fingerprint(key),)).fetchone()
    if row is None:
        return None
    identity = identity_of(row, by_key=True)
    _touch(
        db,
        identity,
        row.touched_at,
        "update api_key set last_used_at = now() where tenant_id = %(tenant)s and id = %(id)s",
    )
    return identity


def _touch(db: Database, identity: Identity, touched_at: datetime | None, statement: str) -> None:
    now = datetime.now(touched_at.tzinfo) if touched_at else None
    if touched_at is not None and now is not None and now - touched_at < TOUCH_EVERY:
        return
    with db.tx("web", tenant=identity.tenant_id, user=identity.user_id) as tx:
        tx.execute(statement, {"tenant": identity.tenant_id, "id": identity.session_id or identity.api_key_id})
