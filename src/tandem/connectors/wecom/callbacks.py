"""Callbacks that cannot wait until the door reads them: a new friend's welcome code dies in seconds, who left must be out in a minute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from tandem.connectors.kit.platform import Seen
from tandem.connectors.kit.values import epoch, must
from tandem.connectors.wecom.mapping import calls
from tandem.domains.contact.calls import Told as FriendTold
from tandem.domains.contact.calls import file_told
from tandem.domains.directory.news import KIND, Told, file_news, named
from tandem.kernel.db import Tx
from tandem.stream.sources.mapping import Mapped

STAFF: Final[Mapping[str, Literal["left", "changed"]]] = {
    "create_user": "changed",
    "update_user": "changed",
    "delete_user": "left",
}
PARTS: Final = frozenset({"create_party", "update_party", "delete_party"})


def news(message: Mapping[str, str], seen: Seen) -> list[Told]:
    """What `change_contact` tells of members and departments (D 90970, D 90971). A renamed member is gone under her old id."""
    change = message.get("ChangeType", "")
    if message.get("Event") != "change_contact" or change not in {*STAFF, *PARTS}:
        return []
    at, who, renamed = (
        must(epoch(dict(message), "CreateTime"), "CreateTime"),
        message.get("UserID", ""),
        message.get("NewUserID", ""),
    )
    told: dict[str, Any] = {"source": seen.source, "at": at}
    digest = named(*(f"{name}={message[name]}" for name in sorted(message)))
    if change in PARTS or not who:
        return [Told(id=digest, **told)]
    found = [Told(id=digest, member=who, kind=STAFF[change], **told)]
    return found + ([Told(id=f"{digest}:new", member=renamed, **told)] if renamed else [])


def at_once(message: Mapping[str, str], seen: Seen) -> Sequence[object]:
    """What of an event cannot wait."""
    return [*calls(message, seen), *news(message, seen)]


def file_at_once(tx: Tx, things: Sequence[object]) -> None:
    """File each where it belongs."""
    file_told(tx, [one for one in things if isinstance(one, FriendTold)])
    file_news(tx, [one for one in things if isinstance(one, Told)])


def staff(message: Mapping[str, str], seen: Seen) -> list[Mapped]:
    """The same for a door that reads it later: what was filed at once is known by its id."""
    return [Mapped(0, KIND, f"staff:{one.id}", one.at, msgspec.to_builtins(one)) for one in news(message, seen)]
