"""Change a customer, as people do it: fields, tags, a look at personal data. Each takes the customer's bucket and leaves a trace."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal
from uuid import UUID

from tandem.access import audit
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound
from tandem.kernel.ids import bucket_of
from tandem.kernel.turn import Turn, in_bucket
from tandem.stream.customer import store
from tandem.stream.customer.attributes import Classes
from tandem.stream.customer.personal import Opener
from tandem.stream.keys import data_key, tenant_keys
from tandem.stream.profile import recorded
from tandem.stream.profile.sayings import ATTRIBUTE, NAME, Changed, Said, SealedName, Value
from tandem.stream.tags import service as tags

BY_HAND: Final = "manual"
_NAME_KIND: Final = "name"

Revealed = Literal["name", "phone", "email"]


def change(tx: Tx, customer_id: UUID, fields: Mapping[str, Value], attrs: Mapping[str, Value]) -> list[str]:
    """Set fields by hand; returns the names of those that changed. None clears a field.

    Raises NotFound, Conflict for a merged customer, InvalidInput for a store or person that is not there.
    """
    classes = Classes.of(tx)
    classes.require(attrs)
    turn = _turn(tx, customer_id)
    _check_references(tx, fields)
    values = {name: value for name, value in fields.items() if name != NAME}
    values |= {ATTRIBUTE + key: value for key, value in attrs.items()}
    if NAME in fields:
        values[NAME] = _sealed_name(tx, customer_id, fields[NAME])
    customer = (bucket_of(customer_id), customer_id)
    changed = recorded.write(turn, [Said(customer, name, value, tx.now, BY_HAND) for name, value in values.items()])
    if changed:
        before, after = _trace(changed, classes)
        audit.record(tx, "customer.changed", "customer", customer_id, before, after)
    return [one.said.field for one in changed]


def add_tag(tx: Tx, customer_id: UUID, name: str) -> bool:
    """Set a tag by hand; returns whether it is new. Raises NotFound, Conflict, InvalidInput for a computed tag."""
    turn = _turn(tx, customer_id)
    tag = tags.clean(name)
    tags.refuse_computed(tx, [tag])
    tags.know(tx, [tag])
    new = tags.add(turn, [(bucket_of(customer_id), customer_id, tag)]) > 0
    if new:
        audit.record(tx, "customer.tagged", "customer", customer_id, None, {"tag": tag})
    return new


def remove_tag(tx: Tx, customer_id: UUID, name: str) -> bool:
    """Take a tag away by hand; returns whether it was there. Raises like ``add_tag``."""
    turn = _turn(tx, customer_id)
    tag = tags.clean(name)
    tags.refuse_computed(tx, [tag])
    gone = tags.remove(turn, [(bucket_of(customer_id), customer_id, tag)]) > 0
    if gone:
        audit.record(tx, "customer.untagged", "customer", customer_id, {"tag": tag}, None)
    return gone


def tag_many(tx: Tx, ids: Sequence[UUID], name: str, *, remove: bool) -> tuple[int, int]:
    """Set a tag on these customers, or take it away; returns how many the person may see and how many changed. Raises InvalidInput."""
    tag = tags.clean(name)
    tags.refuse_computed(tx, [tag])
    seen = sorted(store.known(tx, ids))
    turn = in_bucket(tx, *seen)
    living = tx.values(
        """
        select id from customer
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(ids)s::uuid[]) and merged_into is null
        """,
        {"buckets": turn.buckets, "tenant": tx.tenant_id, "ids": seen},
    )
    rows = [(bucket_of(one), one, tag) for one in living]
    if remove:
        changed = tags.remove(turn, rows)
    else:
        tags.know(tx, [tag])
        changed = tags.add(turn, rows)
    if changed:
        told = {"tag": tag, "customers": changed}
        audit.record(tx, "customer.untagged_many" if remove else "customer.tagged_many", "customer", "many", None, told)
    return len(living), changed


def reveal(tx: Tx, customer_id: UUID, field: Revealed) -> str:
    """Personal data in the clear, on the record. Raises NotFound also where the customer has no such value."""
    card = store.card(tx, customer_id)
    if field == "name":
        value = Opener.of(tx, [customer_id]).open(customer_id, card.name_enc)
    else:
        rows = [row for row in store.identifiers(tx, [customer_id]) if row.kind == field]
        opener = Opener.of(tx, [row.origin_id for row in rows])
        value = next((opener.open(row.origin_id, row.value_enc) for row in reversed(rows)), None)
    if value is None:
        raise NotFound("no_such_value", "这位客户没有该项信息。", "This customer has no such value.")
    audit.record(tx, "customer.revealed", "customer", customer_id, None, {"field": field})
    return value


def _turn(tx: Tx, customer_id: UUID) -> Turn:
    """The customer's bucket, locked. The scoped policy has shown that the person may see her."""
    store.visible(tx, customer_id)
    turn = in_bucket(tx, customer_id)
    merged = tx.value(
        "select merged_into from customer where bucket = %(bucket)s and tenant_id = %(tenant)s and id = %(id)s",
        {"bucket": bucket_of(customer_id), "tenant": tx.tenant_id, "id": customer_id},
    )
    if merged is not None:
        raise Conflict(
            "customer_merged",
            "这位客户已并入另一位客户，请打开合并后的客户。",
            "This customer was merged into another; open that one.",
            details=(Detail("merged_into", str(merged), str(merged)),),
        )
    return turn


def _sealed_name(tx: Tx, customer_id: UUID, name: Value) -> SealedName | None:
    if not isinstance(name, str) or not name.strip():
        return None
    wrapped: bytes = tx.value(
        "select key_enc from customer where bucket = %(bucket)s and tenant_id = %(tenant)s and id = %(id)s",
        {"bucket": bucket_of(customer_id), "tenant": tx.tenant_id, "id": customer_id},
    )
    keys, plain = tenant_keys(tx), name.strip()
    return SealedName(keys.seal(data_key(keys, bytes(wrapped)), plain), keys.blind(_NAME_KIND, "", plain.casefold()))


def _check_references(tx: Tx, fields: Mapping[str, Value]) -> None:
    for field, statement in _REFERENCES.items():
        value = fields.get(field)
        if value is not None and tx.value(statement, {"tenant": tx.tenant_id, "id": value}) is None:
            raise InvalidInput(
                "unknown_reference",
                "引用的门店或员工不存在。",
                "The store or person referred to does not exist.",
                details=(Detail(field, str(value), str(value)),),
            )


_REFERENCES: Final = {
    "store_id": "select id from org_unit where tenant_id = %(tenant)s and id = %(id)s and kind = 'store'",
    "owner_user_id": "select id from staff_user where tenant_id = %(tenant)s and id = %(id)s",
}


def _trace(changed: Sequence[Changed], classes: Classes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Old and new values for the audit trail; a name, a place or a classed custom field leaves only the fact that it changed."""
    before = {one.said.field: _traced(one.said.field, one.old, classes) for one in changed}
    return before, {one.said.field: _traced(one.said.field, one.said.value, classes) for one in changed}


def _traced(field: str, value: Value, classes: Classes) -> Any:
    """Whoever reads the trail may lack the class of a place or of a custom field."""
    custom = field.startswith(ATTRIBUTE) and classes.privacy(field.removeprefix(ATTRIBUTE)) != "plain"
    closed = isinstance(value, SealedName) or ((field == "location" or custom) and value is not None)
    return "***" if closed else value
