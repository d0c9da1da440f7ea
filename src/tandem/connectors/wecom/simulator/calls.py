"""How the simulated API is called: operations by their path, arguments that are checked, refusals with WeCom's codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar, cast

from tandem.connectors.simulator.base import Shop
from tandem.connectors.wecom.simulator.corp import Contact, Corp, Follow, Group, Member

Answer = Mapping[str, Any]
MEDIA_SECONDS: Final = 3 * 86_400
"""For so long an uploaded file is kept."""
Item = TypeVar("Item")


class Refusal(Exception):
    """An `errcode` other than 0."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Called:
    """One call: whose, when, and what with: the query of a GET, the JSON of a POST, the query beside it."""

    shop: Shop
    corp: Corp
    now: datetime
    given: Mapping[str, Any]
    query: Mapping[str, str]
    body: bytes

    @property
    def stamp(self) -> int:
        """The time as the API writes it."""
        return int(self.now.timestamp())

    def text(self, name: str, *, most: int | None = None, missing: int = 40058) -> str:
        """A text that must be there, of at most so many characters. Raises Refusal."""
        found = self.given.get(name)
        if not isinstance(found, str) or not found:
            raise Refusal(missing, f"invalid Request Parameter, missing {name}")
        if most is not None and len(found) > most:
            raise Refusal(40058, f"{name} exceeds max length {most}")
        return found

    def optional(self, name: str, *, most: int) -> str:
        """A text that may be missing. Raises Refusal when it is too long."""
        found = str(self.given.get(name) or "")
        if len(found) > most:
            raise Refusal(40058, f"{name} exceeds max length {most}")
        return found

    def texts(self, name: str, *, most: int, least: int = 1, over: int = 40058) -> list[str]:
        """A list of texts. Raises Refusal."""
        found = self.given.get(name)
        if found is None and least == 0:
            return []
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found) or len(found) < least:  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
            raise Refusal(40058, f"invalid Request Parameter, {name} must be an array of string")
        if len(found) > most:  # pyright: ignore[reportUnknownArgumentType]
            raise Refusal(over, f"{name} exceeds max count {most}")
        return found  # pyright: ignore[reportUnknownVariableType]

    def nested(self, name: str) -> dict[str, Any]:
        """An object inside the call; empty where there is none."""
        found = self.given.get(name)
        return cast("dict[str, Any]", found) if isinstance(found, dict) else {}

    def whole(self, name: str, *, default: int, most: int) -> int:
        """A whole number from 1 to `most`. Raises Refusal."""
        try:
            found = int(self.given.get(name) or default)
        except (TypeError, ValueError) as error:
            raise Refusal(40058, f"{name} must be an integer") from error
        if not 1 <= found <= most:
            raise Refusal(40058, f"{name} must be between 1 and {most}")
        return found

    def member(self, userid: str) -> Member:
        """A member who works here. Raises Refusal."""
        found = self.corp.members.get(userid)
        if found is None or found.resigned_at is not None:
            raise Refusal(60111, f"userid not found: {userid}")
        return found

    def contact(self, external: str) -> Contact:
        """A customer whom somebody follows. Raises Refusal."""
        found = self.corp.contacts.get(external)
        if found is None:
            raise Refusal(40096, "invalid external userid")
        if not found.follows:
            raise Refusal(84061, "not external contact")
        return found

    def follow(self, userid: str, external: str) -> Follow:
        """The relation of a member to a customer. Raises Refusal."""
        self.member(userid)
        found = self.contact(external).follows.get(userid)
        if found is None:
            raise Refusal(84061, "not external contact")
        return found

    def group(self, chat_id: str) -> Group:
        """A group that stands. Raises Refusal."""
        found = self.corp.groups.get(chat_id)
        if found is None or found.dismissed:
            raise Refusal(40050, "chatid is invalid")
        return found

    def kept(self, store: str, name: str, code: int) -> dict[str, Any]:
        """What was kept under an id that the call names. Raises Refusal with the code."""
        found = self.corp.store(store).get(self.text(name, missing=code))
        if found is None:
            raise Refusal(code, f"invalid {name}")
        return found

    def media(self, media_id: object) -> None:
        """A file that was uploaded within three days. Raises Refusal."""
        found = self.corp.store("media").get(str(media_id))
        if found is None or self.stamp - found["created_at"] > MEDIA_SECONDS:
            raise Refusal(40007, "invalid media_id")

    def page(self, items: Sequence[Item], *, default: int, most: int) -> tuple[list[Item], str]:
        """A page by `cursor` and `limit`, and the next cursor (empty at the end). Raises Refusal for a cursor that is none of ours."""
        limit = self.whole("limit", default=default, most=most)
        cursor = str(self.given.get("cursor") or "")
        if cursor and not (cursor.startswith("c") and cursor[1:].isdigit()):
            raise Refusal(40058, "invalid cursor")
        begin = int(cursor[1:] or 0)
        end = begin + limit
        return list(items[begin:end]), f"c{end}" if end < len(items) else ""


Operation = Callable[[Called], Answer]
OPERATIONS: Final[dict[str, tuple[str, Operation]]] = {}


def operation(path: str, method: str = "POST") -> Callable[[Operation], Operation]:
    """Answer a path below `/cgi-bin/`."""

    def keep(function: Operation) -> Operation:
        OPERATIONS[path] = (method, function)
        return function

    return keep
