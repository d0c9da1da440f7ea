"""Routes of directories: connecting one, what departments are, rules, who is whom, and what waits for a word."""

from __future__ import annotations

from typing import Annotated, Any, Final, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from tandem.access.builtin_roles import built_in_names
from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, LongLimit, Page, page_in_memory
from tandem.access.shapes import Label
from tandem.domains.directory import accounts, knowing, people, reading, rules
from tandem.domains.directory import shapes as s
from tandem.domains.directory.gateway import staff_gateway
from tandem.kernel.db import Tx
from tandem.kernel.settings import settings

router: Final = APIRouter(tags=["directory"])
Reader = Annotated[Access, Depends(allowed("user.read"))]
Writer = Annotated[Access, Depends(allowed("user.write"))]
Search = Annotated[str | None, Query(max_length=100, description="Part of a name or of the platform's id")]
PROBLEMS: Final = {
    "set_up": ("平台账号需要检查设置或权限", "the platform account's settings or rights need a look"),
    "later": ("平台要求稍后再试", "the platform wants to be asked later"),
    "lost": ("平台没有应答", "the platform did not answer"),
    "refused": ("平台拒绝了请求", "the platform refused"),
    "gone": ("平台上已不存在", "it is not there on the platform"),
}


@router.get("/directories")
def list_directories(access: Reader, cursor: Cursor = None, limit: LongLimit = 100) -> Page[s.DirectoryOut]:
    """Accounts whose platform has a directory, those that are one first."""
    with access.tx() as tx:
        # Whoever sees one shop has no directory of the company: an empty list, like that of a company without one.
        found = accounts.list_accounts(tx) if tx.scope.kind == "all" else []
    rows, following = page_in_memory(found, cursor, limit, "account_id")
    return Page(items=[_directory(one) for one in rows], next=following)


@router.get("/directories/{account_id}")
def read_directory(access: Reader, account_id: UUID) -> s.DirectoryOut:
    """One of them."""
    with access.tx() as tx:
        accounts.require_whole(tx)
        return _directory(accounts.get_account(tx, account_id))


@router.put("/directories/{account_id}")
def set_directory(access: Writer, account_id: UUID, given: s.DirectoryIn) -> s.DirectoryOut:
    """Make a connected account the company's directory, or change how it is handled."""
    with access.tx() as tx:
        accounts.set_account(tx, account_id, accounts.Handling(**given.model_dump()))
        return _directory(accounts.get_account(tx, account_id))


@router.delete("/directories/{account_id}", status_code=204)
def remove_directory(access: Writer, account_id: UUID) -> None:
    """The account is no directory any more; people who were made stay, and nobody signs in by it."""
    with access.tx() as tx:
        accounts.remove_account(tx, account_id)


@router.post("/directories/{account_id}/read", status_code=202)
def read_directory_again(access: Writer, account_id: UUID) -> None:
    """Have it read now; what is found waits among the changes."""
    with access.tx() as tx:
        accounts.read_again(tx, account_id)


@router.get("/directories/{account_id}/departments")
def list_directory_departments(
    access: Reader, account_id: UUID, cursor: Cursor = None, limit: LongLimit = 1000
) -> Page[s.DepartmentOut]:
    """The platform's tree, and what of it is a region or a store here."""
    with access.tx() as tx:
        accounts.require_whole(tx)
        rows, following = page_in_memory(accounts.list_departments(tx, account_id), cursor, limit, "department")
        proposed = reading.proposals(tx, account_id)
    return Page(
        items=[
            s.DepartmentOut(
                department=one.department, parent=one.parent, name=one.name, unit_id=one.unit_id, unit_name=one.unit_name,
                proposed_id=proposed.get(one.department), members=one.members,
            )
            for one in rows
        ],
        next=following,
    )  # fmt: skip


@router.put("/directories/{account_id}/departments", status_code=204)
def place_directory_departments(access: Writer, account_id: UUID, given: s.PlacedDepartments) -> None:
    """Say which region or store departments are."""
    with access.tx() as tx:
        accounts.place_departments(
            tx, access.identity, account_id, [(one.department, one.unit_id) for one in given.departments]
        )


@router.get("/directories/{account_id}/rules")
def list_directory_rules(
    access: Reader, account_id: UUID, cursor: Cursor = None, limit: LongLimit = 500
) -> Page[s.RuleOut]:
    """Who holds which role by the directory."""
    with access.tx() as tx:
        accounts.require_whole(tx)
        found = knowing.rules_of(tx, account_id)
        void = knowing.hindered(tx, found)
        rows, following = page_in_memory(found, cursor, limit, "id")
        codes = _codes(tx)
    return Page(items=[_rule(one, void.get(one.id), codes) for one in rows], next=following)


@router.post("/directories/{account_id}/rules", status_code=201)
def add_directory_rule(access: Writer, account_id: UUID, given: s.RuleIn) -> s.RuleOut:
    """Make a rule. One whose role can give rights, or take data out, waits for a second person."""
    with access.tx() as tx:
        made = rules.add(tx, access.identity, account_id, rules.NewRule(**given.model_dump()))
        found = knowing.rules_of(tx, account_id)
        void = knowing.hindered(tx, found)
        return next(_rule(one, void.get(one.id), _codes(tx)) for one in found if one.id == made)


@router.post("/directory-rules/{rule_id}/decide", status_code=204)
def decide_directory_rule(access: Writer, rule_id: UUID, given: s.RuleWord) -> None:
    """A second person's word. Nobody decides their own rule."""
    with access.tx() as tx:
        rules.decide(tx, access.identity, rule_id, agree=given.agree)


@router.delete("/directory-rules/{rule_id}", status_code=204)
def remove_directory_rule(access: Writer, rule_id: UUID) -> None:
    """The rule gives nothing any more; what it gave is taken back by the changes that this makes."""
    with access.tx() as tx:
        rules.remove(tx, rule_id)


@router.get("/directories/{account_id}/members")
def list_directory_members(
    access: Reader, account_id: UUID, q: Search = None, cursor: Cursor = None, limit: Limit = 50
) -> Page[s.MemberOut]:
    """Who works there, and who they are here."""
    with access.tx() as tx:
        accounts.require_whole(tx)
        rows, following = accounts.list_members(tx, account_id, q=q, cursor=cursor, limit=limit)
    return Page(items=[s.MemberOut.model_validate(one, from_attributes=True) for one in rows], next=following)


@router.put("/directories/{account_id}/members/{member}", status_code=204)
def bind_directory_member(access: Writer, account_id: UUID, member: str, given: s.MemberBinding) -> None:
    """Say which colleague a member is: she signs in as that person, with that person's rights."""
    with access.tx() as tx:
        accounts.bind(tx, access.identity, account_id, member, given.user_id)


@router.get("/directories/{account_id}/changes")
def list_directory_changes(
    access: Reader, account_id: UUID, *, waiting: bool = True, cursor: Cursor = None, limit: Limit = 50
) -> Page[s.ChangeOut]:
    """What waits to be done, or what was."""
    with access.tx() as tx:
        accounts.require_whole(tx)
        rows, following = people.list_changes(tx, account_id, waiting=waiting, cursor=cursor, limit=limit)
        names = _names(tx)
    return Page(items=[_change(one, names) for one in rows], next=following)


@router.post("/directory-changes/do")
def do_directory_changes(access: Writer, given: s.ChangesIn) -> s.ChangesDone:
    """Do the changes that somebody saw, each by itself."""
    problems = people.do(access, given.changes)
    told = [s.ChangeProblem(id=one, message=Label(zh=error.zh, en=error.en)) for one, error in problems.items()]
    return s.ChangesDone(done=len(given.changes) - len(problems), problems=told)


@router.post("/directory-changes/{change_id}/refuse", status_code=204)
def refuse_directory_change(access: Writer, change_id: UUID) -> None:
    """Leave somebody as they are."""
    with access.tx() as tx:
        people.refuse(tx, change_id)


def _directory(row: accounts.AccountRow) -> s.DirectoryOut:
    gateway = staff_gateway(row.connector)
    problem = PROBLEMS.get(str((row.problem or {}).get("why", "")))
    home = settings().public_url
    return s.DirectoryOut(
        account_id=row.account_id, connector=row.connector, name=row.name, mode=cast("Any", row.mode), sign_in=row.sign_in,
        label=Label(zh=row.connector, en=row.connector) if gateway is None else Label(zh=gateway.label.zh, en=gateway.label.en),
        simulated=bool(row.config.get("simulated")), stop_percent=row.stop_percent, stop_least=row.stop_least, stopped_at=row.stopped_at,
        read_at=row.read_at, problem=None if problem is None else Label(zh=problem[0], en=problem[1]), members=row.members, users=row.users,
        waiting=row.waiting, held=row.held, sign_in_address=None if home is None else f"{home.rstrip('/')}/sign-in/{row.account_id}",
    )  # fmt: skip


Roles = dict[str, Label]


def _codes(tx: Tx) -> Roles:
    """What roles are called, by id."""
    rows = tx.cursor(
        "select id, code, name, built_in from staff_role where tenant_id = %(tenant)s limit 500",
        {"tenant": tx.tenant_id},
    ).fetchall()
    found: Roles = {}
    for role, code, name, built_in in rows:
        zh, en = (built_in_names(code) if built_in else None) or (name, name)
        found[str(role)] = Label(zh=zh, en=en)
    return found


def _names(tx: Tx) -> tuple[Roles, dict[str, str]]:
    units = tx.cursor(
        "select id, name from org_unit where tenant_id = %(tenant)s limit 20000", {"tenant": tx.tenant_id}
    ).fetchall()
    return _codes(tx), {str(unit): str(name) for unit, name in units}


def _rule(one: knowing.RuleRow, why: str | None, codes: Roles) -> s.RuleOut:
    return s.RuleOut(
        id=one.id, department=one.department, department_name=one.department_name, position=one.position, leaders_only=one.leaders_only,
        role_id=one.role_id, role_name=codes[str(one.role_id)], strong=one.strong, scope=cast("Any", one.scope), gives=why is None,
        why=cast("Any", why), made_by=one.made_by, made_by_name=one.made_by_name, decided_by_name=one.decided_by_name,
    )  # fmt: skip


def _change(one: people.ChangeRow, names: tuple[Roles, dict[str, str]]) -> s.ChangeOut:
    roles, units = names

    def shown(rows: list[Any]) -> list[s.HoldingOut]:
        return [
            s.HoldingOut(
                role_id=UUID(role), role_name=roles.get(role) or Label(zh="已删除的角色", en="a role that was deleted"), scope=scope,
                org_unit_name=None if unit is None else units.get(unit),
            )
            for role, scope, unit in rows
        ]  # fmt: skip

    return s.ChangeOut(
        id=one.id, member=one.member, name=one.name, what=cast("Any", one.what), user_id=one.user_id, before=shown(one.before),
        after=shown(one.after), state=cast("Any", one.state), why=one.why, found_at=one.found_at, done_at=one.done_at,
        decided_by_name=one.decided_by_name,
    )  # fmt: skip
