"""What advisers do beside a chat, as event types of the catalog."""

from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import EventType, Field
from tandem.catalog.value_types import TEXT

SCRIPT_USED: Final = "script.used"
CUSTOMER_NOTED: Final = "customer.noted"

EVENT_TYPES: Final = (
    EventType(
        SCRIPT_USED,
        Label("顾问用了话术", "A script was used"),
        (Field("script", TEXT, Label("话术", "Script")), Field("script_id", TEXT, Label("话术编号", "Script id"))),
    ),
    EventType(
        CUSTOMER_NOTED,
        Label("顾问备注", "Adviser's note"),
        (
            Field("note", TEXT, Label("备注", "Note"), privacy="sensitive"),
            Field("by", TEXT, Label("同事编号", "Colleague's id")),
        ),
    ),
)
