"""What forms, landing pages and other systems tell of leads (`kind: lead`)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

import msgspec

from tandem.catalog.label import Label
from tandem.domains.sales.events import LEAD_REPORTED
from tandem.stream.door.kinds import DoorKind, Envelope, EventOut, Identifier, Normalised, Text


class LeadIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody asked about something. `source` where the lead comes from elsewhere than the record does (a form's own name)."""

    identifiers: Annotated[list[Identifier], msgspec.Meta(min_length=1, max_length=20)]
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    subject: Text = ""
    campaign: Text = ""
    source: Text = ""


def _lead(envelope: Envelope, said: LeadIn) -> Normalised:
    payload = {"source": said.source or envelope.source, "subject": said.subject, "campaign": said.campaign}
    return Normalised(
        identifiers=said.identifiers, events=(EventOut(LEAD_REPORTED, said.at, payload, once="reported"),)
    )


DOOR_KINDS: Final = (DoorKind("lead", Label("线索", "Lead"), LeadIn, _lead),)
