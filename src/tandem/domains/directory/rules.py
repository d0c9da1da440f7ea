"""Rules that give roles: nobody makes one that gives more than they may give, and strong roles want a second person's word."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tandem.access import audit
from tandem.access.identity import Identity
from tandem.access.permissions import refuse_escalation
from tandem.domains.directory import accounts, filing, knowing
from tandem.domains.directory.deciding import is_strong
from tandem.domains.directory.knowing import RuleRow
from tandem.kernel.db import Scope, Tx
from tandem.kernel.errors import Conflict, Detail, Forbidden, InvalidInput, NotFound
from tandem.kernel.ids import new_id

RULES_MAX = 200


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule to be made. All conditions None: it is for everybody."""

    department: str | None
    position: str | None
    leaders_only: bool
    role_id: UUID
    scope: str


def add(tx: Tx, actor: Identity, account: UUID, given: NewRule) -> UUID:
    """Make a rule; one for a strong role waits for a second person. Returns its id.

    Raises NotFound, Forbidden (it gives more than the actor may give), InvalidInput, Conflict past `RULES_MAX`.
    """
    accounts.require_whole(tx)
    accounts.get_account(tx, account)
    permissions = _permissions(tx, given.role_id)
    # A rule gives its role to people anywhere, so its maker must hold all of it everywhere.
    refuse_escalation(actor.grants, permissions, Scope.all())
    _check_department(tx, account, given.department)
    if len(knowing.rules_of(tx, account)) >= RULES_MAX:
        raise Conflict("too_many_rules", f"最多 {RULES_MAX} 条规则。", f"At most {RULES_MAX} rules.")
    rule, state = new_id(), "waiting" if is_strong(permissions) else "active"
    row = {
        "account_id": account, "department": given.department, "position": given.position, "leaders_only": given.leaders_only,
        "role_id": given.role_id, "scope": given.scope, "state": state,
    }  # fmt: skip
    tx.execute(
        """
        insert into directory_rule (id, tenant_id, account_id, department, position, leaders_only, role_id, scope, state, made_by, made_at)
        values (%(id)s, %(tenant)s, %(account_id)s, %(department)s, %(position)s, %(leaders_only)s, %(role_id)s, %(scope)s, %(state)s,
          %(user)s, now())
        """,
        {**row, "id": rule, "tenant": tx.tenant_id, "user": actor.user_id},
    )
    audit.record(tx, "directory.rule_made", "directory_rule", rule, None, row)
    filing.file_changes(tx, account)
    return rule


def decide(tx: Tx, actor: Identity, rule_id: UUID, *, agree: bool) -> None:
    """A second person's word on a rule. Raises NotFound, Conflict (decided), Forbidden (one's own, or more than the second may give)."""
    accounts.require_whole(tx)
    row = _get(tx, rule_id)
    if row.state != "waiting" and not (row.state == "active" and row.strong and row.decided_by is None):
        raise Conflict("rule_decided", "这条规则已有结果。", "This rule has been decided already.")
    if row.made_by == actor.user_id:
        raise Forbidden("rule_own", "需要另一位同事确认，不能自己确认。", "Somebody else has to agree, not you.")
    if agree:
        refuse_escalation(actor.grants, row.permissions, Scope.all())
    tx.execute(
        """
        update directory_rule set state = %(state)s, decided_by = %(user)s, decided_at = now() where tenant_id = %(tenant)s and id = %(id)s
        """,
        {"state": "active" if agree else "refused", "user": actor.user_id, "tenant": tx.tenant_id, "id": rule_id},
    )
    audit.record(tx, "directory.rule_confirmed" if agree else "directory.rule_refused", "directory_rule", rule_id)
    filing.file_changes(tx, row.account_id)


def remove(tx: Tx, rule_id: UUID) -> None:
    """Take a rule away; the roles it gave are taken back by the changes this makes. Raises NotFound, Forbidden."""
    accounts.require_whole(tx)
    row = _get(tx, rule_id)
    tx.execute(
        "delete from directory_rule where tenant_id = %(tenant)s and id = %(id)s",
        {"tenant": tx.tenant_id, "id": rule_id},
    )
    told = {"department": row.department, "position": row.position, "role_id": row.role_id, "scope": row.scope}
    audit.record(tx, "directory.rule_removed", "directory_rule", rule_id, told, None)
    filing.file_changes(tx, row.account_id)


def _get(tx: Tx, rule_id: UUID) -> RuleRow:
    account: UUID | None = tx.value(
        "select account_id from directory_rule where tenant_id = %(tenant)s and id = %(id)s for update",
        {"tenant": tx.tenant_id, "id": rule_id},
    )
    found = None if account is None else next((one for one in knowing.rules_of(tx, account) if one.id == rule_id), None)
    if found is None:
        raise NotFound("no_such_rule", "没有这条规则。", "There is no such rule.")
    return found


def _permissions(tx: Tx, role_id: UUID) -> list[str]:
    found: list[str] | None = tx.value(
        "select permissions from staff_role where tenant_id = %(tenant)s and id = %(role)s",
        {"tenant": tx.tenant_id, "role": role_id},
    )
    if found is None:
        detail = Detail("role_id", "没有这个角色", "no such role")
        raise InvalidInput("no_such_role", "没有这个角色。", "There is no such role.", details=(detail,))
    return found


def _check_department(tx: Tx, account: UUID, department: str | None) -> None:
    known = tx.value(
        "select 1 from directory_department where tenant_id = %(tenant)s and account_id = %(account)s and department = %(department)s and not gone",
        {"tenant": tx.tenant_id, "account": account, "department": department},
    )
    if department is not None and known is None:
        detail = Detail("department", "没有这个部门", "no such department")
        raise InvalidInput("no_such_department", "没有这个部门。", "There is no such department.", details=(detail,))
