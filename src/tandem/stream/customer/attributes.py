"""Custom fields (`attrs`): what a company's own systems say of a person, each with a class of data.

A field that nobody has classed is personal: what a source sends tomorrow must not be read by everybody until somebody has looked at it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from tandem.access import audit
from tandem.access.http import forbidden
from tandem.access.privacy import PERSONAL, SENSITIVE, Privacy, may_see
from tandem.kernel.db import Tx
from tandem.kernel.ids import BUCKETS
from tandem.stream.profile.sayings import ATTRIBUTE

UNCLASSED: Final[Privacy] = "personal"
SAMPLED_BUCKETS: Final = 16
"""Names are gathered from so many buckets: one that hardly any customer has may be missing until it is classed."""
LISTED_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class Attribute:
    """A custom field; `classed` where somebody has said its class."""

    name: str
    privacy: Privacy
    classed: bool


class Classes:
    """The classes of a company's custom fields."""

    def __init__(self, known: Mapping[str, Privacy]) -> None:
        self._known = known

    @staticmethod
    def of(tx: Tx) -> Classes:
        """Those of the transaction's company."""
        rows = tx.dicts("select name, privacy from custom_field where tenant_id = %(tenant)s", {"tenant": tx.tenant_id})
        return Classes({row["name"]: cast("Privacy", row["privacy"]) for row in rows})

    def privacy(self, name: str) -> Privacy:
        """A field's class."""
        return self._known.get(name, UNCLASSED)

    def shows(self, field: str) -> bool:
        """Whether the caller may see a field that stands as `attrs.<name>`; any other field is none of ours."""
        return not field.startswith(ATTRIBUTE) or may_see(self.privacy(field.removeprefix(ATTRIBUTE)))

    def seen(self, attrs: Mapping[str, Any]) -> dict[str, Any]:
        """The custom fields that the caller may see."""
        return {name: value for name, value in attrs.items() if may_see(self.privacy(name))}

    def require(self, attrs: Mapping[str, Any]) -> None:
        """Raise Forbidden where the caller would write a field that they may not see."""
        for name in attrs:
            if not may_see(self.privacy(name)):
                raise forbidden(SENSITIVE if self.privacy(name) == "sensitive" else PERSONAL)


def listed(tx: Tx) -> list[Attribute]:
    """The custom fields that customers have or that were classed, by name; at most `LISTED_MAX`."""
    rows = tx.dicts(
        """
        select name, min(privacy) as privacy from (
          select name, privacy from custom_field where tenant_id = %(tenant)s
          union all
          (select distinct substr(field, %(cut)s), null from customer_field
           where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and starts_with(field, %(prefix)s) limit %(most)s)) as n
        group by name order by name limit %(most)s
        """,
        {
            "tenant": tx.tenant_id,
            "cut": len(ATTRIBUTE) + 1,
            "prefix": ATTRIBUTE,
            "buckets": list(range(0, BUCKETS, BUCKETS // SAMPLED_BUCKETS)),
            "most": LISTED_MAX,
        },
    )
    return [
        Attribute(row["name"], cast("Privacy", row["privacy"] or UNCLASSED), row["privacy"] is not None) for row in rows
    ]


def classify(tx: Tx, name: str, privacy: Privacy) -> None:
    """Say a field's class. It holds from the next answer on, everywhere."""
    before = Classes.of(tx).privacy(name)
    tx.execute(
        """
        insert into custom_field (tenant_id, name, privacy, set_at, set_by)
        values (%(tenant)s, %(name)s, %(privacy)s, %(now)s, %(user)s)
        on conflict (tenant_id, name) do update set privacy = excluded.privacy, set_at = excluded.set_at, set_by = excluded.set_by
        """,
        {"tenant": tx.tenant_id, "name": name, "privacy": privacy, "now": tx.now, "user": tx.user_id},
    )
    audit.record(tx, "custom_field.classed", "custom_field", name, {"privacy": before}, {"privacy": privacy})
