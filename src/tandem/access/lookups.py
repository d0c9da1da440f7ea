"""The functions that may look across tenants, in SQL.

Each is security-definer, takes a secret (or a log-in name) and gives back at most the one row it opens. They are listed, with what
they check, in docs/security.md.
"""

from __future__ import annotations

from tandem.kernel.roles import WEB, register_sql

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
    -- Who may not work for a company any more is no longer in its trials either; people there are named after whom they came from.
    and (t.trial_of is null or not exists (
      select from staff_user p where p.tenant_id = t.trial_of and not p.active and u.login = p.login || '@' || right(t.id::text, 12)))
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
