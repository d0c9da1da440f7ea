"""The settings screens: organisation, people, roles, API keys, audit trail."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from tandem.access import keys, organisation, roles, staff, trail
from tandem.access.budget import BURST_DEFAULT, BURST_MAX, RATE_DEFAULT, RATE_MAX
from tandem.access.builtin_roles import built_in_names
from tandem.access.http import Access, allowed, known_permissions, permission_list, shown_once, signed_in
from tandem.access.paging import Cursor, Limit, LongLimit, Page, page_in_memory
from tandem.access.shapes import Body, Code, Label, Name, PermissionName

router = APIRouter(tags=["settings"])

SettingsReader = Annotated[Access, Depends(allowed("settings.read"))]
SettingsWriter = Annotated[Access, Depends(allowed("settings.write"))]
UserReader = Annotated[Access, Depends(allowed("user.read"))]
Anybody = Annotated[Access, Depends(signed_in())]
UserWriter = Annotated[Access, Depends(allowed("user.write"))]
RoleWriter = Annotated[Access, Depends(allowed("role.write"))]
KeyWriter = Annotated[Access, Depends(allowed("api_key.write"))]
AuditReader = Annotated[Access, Depends(allowed("audit.read"))]
Permissions = Annotated[list[PermissionName], Field(max_length=200)]


Rate = Annotated[int, Field(ge=1, le=RATE_MAX, description="Requests a minute, on average")]
Burst = Annotated[int, Field(ge=1, le=BURST_MAX, description="Requests at once, after a pause")]


class FromRow(BaseModel):
    """An answer read from a row's attributes."""

    model_config = ConfigDict(from_attributes=True)


class OrgUnit(FromRow):
    """A brand, region or store."""

    id: UUID
    parent_id: UUID | None
    kind: Literal["brand", "region", "store"]
    code: str
    name: str
    active: bool


class NewOrgUnit(Body):
    """A node to add."""

    kind: Literal["brand", "region", "store"]
    code: Code
    name: Name
    parent_id: UUID | None = None


class OrgUnitChange(Body):
    """Fields left out stay as they are."""

    name: Name | None = None
    active: bool | None = None
    parent_id: UUID | None = None


class AssignmentBody(Body):
    """A role within a data scope; `org_unit_id` for a region or store scope."""

    role_id: UUID
    scope: Literal["all", "region", "store", "own"] = "all"
    org_unit_id: UUID | None = None


class AssignmentLine(BaseModel):
    """An assignment with its names."""

    role_id: UUID
    role_code: str
    role_name: str
    scope: Literal["all", "region", "store", "own"]
    org_unit_id: UUID | None
    org_unit_name: str | None


class User(FromRow):
    """A person who can sign in."""

    id: UUID
    login: str
    name: str
    language: str | None
    active: bool
    created_at: datetime
    last_seen_at: datetime | None
    assignments: list[AssignmentLine]


Login = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=2, max_length=100, pattern=r"^[^\s\x00-\x1f]+$")
]
Password = Annotated[str, StringConstraints(max_length=1000)]
Assignments = Annotated[list[AssignmentBody], Field(max_length=50)]


class NewUser(Body):
    """A person to add."""

    login: Login
    name: Name
    password: Password
    language: Literal["zh", "en"] | None = None
    assignments: Assignments = Field(default_factory=list[AssignmentBody])


class UserChange(Body):
    """Fields left out stay as they are; `assignments` replaces all."""

    name: Name | None = None
    language: Literal["zh", "en"] | None = None
    active: bool | None = None
    password: Password | None = None
    assignments: Assignments | None = None


class Role(FromRow):
    """A role. Built-in ones have a label in both languages and cannot be changed."""

    id: UUID
    code: str
    name: str
    built_in: bool
    permissions: list[str]
    holders: int
    label: Label | None = None


class NewRole(Body):
    """A role to add."""

    name: Name
    permissions: Permissions


class RoleChange(Body):
    """Fields left out stay as they are."""

    name: Name | None = None
    permissions: Permissions | None = None


class PermissionLine(BaseModel):
    """One right a role can carry."""

    name: str
    area: str
    label: Label


class ApiKey(FromRow):
    """What may be shown of a key."""

    id: UUID
    name: str
    prefix: str
    permissions: list[str]
    rate_per_minute: int
    burst: int
    created_by: UUID
    created_by_name: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class NewApiKey(Body):
    """A key to make. Its data scope is its maker's."""

    name: Name
    permissions: Annotated[list[PermissionName], Field(min_length=1, max_length=200)]
    expires_at: AwareDatetime | None = None
    rate_per_minute: Rate = RATE_DEFAULT
    burst: Burst = BURST_DEFAULT


class ApiKeyChange(Body):
    """Fields left out stay as they are."""

    name: Name | None = None
    rate_per_minute: Rate | None = None
    burst: Burst | None = None


class MadeApiKey(FromRow):
    """The only answer that ever holds the key itself."""

    id: UUID
    key: str
    prefix: str


class AuditLine(FromRow):
    """One change."""

    id: UUID
    at: datetime
    user_id: UUID | None
    user_name: str | None
    api_key_id: UUID | None
    api_key_name: str | None
    action: str
    entity: str
    entity_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    request_id: str | None
    address: str | None
    names: dict[str, str] = {}
    """What the ids in this entry are called, as far as the trail or the settings know."""


@router.get("/org-units")
def list_org_units(access: SettingsReader, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[OrgUnit]:
    """The tree, each node after its parent's kind."""
    with access.tx() as tx:
        rows, following = page_in_memory(organisation.list_org_units(tx), cursor, limit, "id")
        return Page(items=[OrgUnit.model_validate(row) for row in rows], next=following)


@router.post("/org-units", status_code=201)
def create_org_unit(access: SettingsWriter, body: NewOrgUnit) -> OrgUnit:
    """Add a brand, region or store."""
    with access.tx() as tx:
        unit_id = organisation.add_org_unit(
            tx, kind=body.kind, code=body.code, name=body.name, parent_id=body.parent_id
        )
        return OrgUnit.model_validate(organisation.get_org_unit(tx, unit_id))


@router.patch("/org-units/{unit_id}")
def change_org_unit(access: SettingsWriter, unit_id: UUID, body: OrgUnitChange) -> OrgUnit:
    """Rename, close or move a node."""
    with access.tx() as tx:
        organisation.change_org_unit(tx, unit_id, name=body.name, active=body.active, parent_id=body.parent_id)
        return OrgUnit.model_validate(organisation.get_org_unit(tx, unit_id))


@router.get("/users")
def list_users(
    access: UserReader,
    q: Annotated[str | None, Query(max_length=100)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[User]:
    """People within one's scope, by name."""
    with access.tx() as tx:
        rows, following = staff.list_staff(tx, q=q, cursor=cursor, limit=limit)
        return Page(items=[User.model_validate(row) for row in rows], next=following)


@router.post("/users", status_code=201)
def create_user(access: UserWriter, body: NewUser) -> User:
    """Add a person with their roles."""
    with access.tx() as tx:
        user_id = staff.add_staff(
            tx,
            access.identity,
            login=body.login,
            name=body.name,
            password=body.password,
            language=body.language,
            assignments=_assignments(body.assignments),
        )
        return User.model_validate(staff.read_staff(tx, user_id))


@router.get("/users/{user_id}")
def get_user(access: UserReader, user_id: UUID) -> User:
    """One person."""
    with access.tx() as tx:
        return User.model_validate(staff.get_staff(tx, user_id))


@router.patch("/users/{user_id}")
def change_user(access: UserWriter, user_id: UUID, body: UserChange) -> User:
    """Change a person; disabling ends their sessions at once."""
    with access.tx() as tx:
        staff.change_staff(
            tx,
            access.identity,
            user_id,
            name=body.name,
            language=body.language,
            active=body.active,
            password=body.password,
            assignments=None if body.assignments is None else _assignments(body.assignments),
        )
        return User.model_validate(staff.read_staff(tx, user_id))


def _assignments(bodies: list[AssignmentBody]) -> list[staff.Assignment]:
    return [staff.Assignment(one.role_id, one.scope, one.org_unit_id) for one in bodies]


@router.get("/permissions")
def list_permissions(
    request: Request, _access: Anybody, cursor: Cursor = None, limit: LongLimit = 1000
) -> Page[PermissionLine]:
    """Every right the rooms of this installation know: whoever lacks one asks for it by its name."""
    lines = [
        PermissionLine(name=one.name, area=one.name.partition(".")[0], label=Label(zh=one.zh, en=one.en))
        for one in permission_list(request)
    ]
    shown, following = page_in_memory(lines, cursor, limit, "name")
    return Page(items=shown, next=following)


@router.get("/roles")
def list_roles(access: UserReader, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[Role]:
    """All roles, built-in first."""
    with access.tx() as tx:
        rows, following = page_in_memory(roles.list_roles(tx), cursor, limit, "id")
        return Page(items=[_role(row) for row in rows], next=following)


@router.post("/roles", status_code=201)
def create_role(request: Request, access: RoleWriter, body: NewRole) -> Role:
    """Make a role of one's own."""
    with access.tx() as tx:
        role_id = roles.add_role(
            tx, access.identity, name=body.name, permissions=body.permissions, known=known_permissions(request)
        )
        return _role(roles.get_role(tx, role_id))


@router.patch("/roles/{role_id}")
def change_role(request: Request, access: RoleWriter, role_id: UUID, body: RoleChange) -> Role:
    """Change a role of one's own; holders feel it with their next request."""
    with access.tx() as tx:
        roles.change_role(
            tx,
            access.identity,
            role_id,
            name=body.name,
            permissions=body.permissions,
            known=known_permissions(request),
        )
        return _role(roles.get_role(tx, role_id))


@router.delete("/roles/{role_id}", status_code=204)
def delete_role(access: RoleWriter, role_id: UUID) -> None:
    """Delete a role nobody holds."""
    with access.tx() as tx:
        roles.remove_role(tx, role_id)


def _role(row: roles.RoleRow) -> Role:
    made = Role.model_validate(row)
    names = built_in_names(row.code) if row.built_in else None
    return made.model_copy(update={"label": Label(zh=names[0], en=names[1])}) if names else made


@router.get("/api-keys")
def list_api_keys(access: KeyWriter, cursor: Cursor = None, limit: Limit = 50) -> Page[ApiKey]:
    """All keys, live ones first, newest first."""
    with access.tx() as tx:
        rows, following = keys.list_keys(tx, cursor=cursor, limit=limit)
        return Page(items=[ApiKey.model_validate(row) for row in rows], next=following)


@router.post("/api-keys", status_code=201, dependencies=[Depends(shown_once)])
def create_api_key(request: Request, access: KeyWriter, body: NewApiKey) -> MadeApiKey:
    """Make a key; the answer shows it for the only time."""
    with access.tx() as tx:
        made = keys.add_key(
            tx,
            access.identity,
            name=body.name,
            permissions=body.permissions,
            expires_at=body.expires_at,
            known=known_permissions(request),
            rate_per_minute=body.rate_per_minute,
            burst=body.burst,
        )
        return MadeApiKey.model_validate(made)


@router.patch("/api-keys/{key_id}")
def change_api_key(access: KeyWriter, key_id: UUID, body: ApiKeyChange) -> ApiKey:
    """Rename a key or change how often it may ask. What it may do stays: for that, make another."""
    with access.tx() as tx:
        row = keys.change_key(tx, key_id, name=body.name, rate_per_minute=body.rate_per_minute, burst=body.burst)
        return ApiKey.model_validate(row)


@router.delete("/api-keys/{key_id}", status_code=204)
def revoke_api_key(access: KeyWriter, key_id: UUID) -> None:
    """Stop a key for good."""
    with access.tx() as tx:
        keys.revoke_key(tx, key_id)


@router.get("/audit")
def list_audit(
    access: AuditReader,
    wanted: Annotated[trail.AuditFilter, Depends()],
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[AuditLine]:
    """Changes, newest first."""
    with access.tx() as tx:
        rows, following = trail.list_audit(tx, wanted, cursor=cursor, limit=limit)
        names = trail.names_in(tx, rows)
    items = [AuditLine.model_validate(row) for row in rows]
    for one in items:
        text = json.dumps([one.entity_id, one.before, one.after])
        one.names = {key: name for key, name in names.items() if key in text}
    return Page(items=items, next=following)
