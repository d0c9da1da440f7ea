"""What other domains may ask of this one."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from tandem.domains.contact.attending import knowledge
from tandem.domains.contact.material import service as materials
from tandem.kernel.db import Tx

#: What is written by one and approved by another, as its notices call it: its table.
WRITTEN: Final = {"material": "material", "script": "talk_script", "article": "knowledge_article"}

_OF: Final = "(select w.material_id from {} as w where w.tenant_id = %(tenant)s and w.id = %(id)s)"


def approve_written(tx: Tx, what: str, number: UUID, seen: datetime) -> None:
    """Approve a material, a talk script or a knowledge article as it stood at `seen`. Raises as `rule`."""
    if what == "article":
        knowledge.rule(tx, number, "approved", seen)
    else:
        materials.rule(tx, WRITTEN[what], number, "approved", seen)


def written_file(tx: Tx, what: str, number: UUID) -> UUID | None:
    """The file of a material, or of the material that a talk script or a knowledge article sends; None where there is none."""
    if what not in WRITTEN:
        return None
    of = "%(id)s" if what == "material" else _OF.format(WRITTEN[what])
    found: UUID | None = tx.value(
        f"select m.media_id from material as m where m.tenant_id = %(tenant)s and m.id = {of}",
        {"tenant": tx.tenant_id, "id": number},
    )
    return found
