"""What the archive's messages say (D 91774): the plain JSON of one, as the domain takes it. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, cast

from tandem.domains.contact.archive.ports import Said, What

TEXT_MAX: Final = 8000
#: Ids of people outside of the corporation begin so; robots' begin with `wb`, everybody else is a member.
_OUTSIDE: Final = ("wm", "wo")
_ROBOT: Final = "wb"
_FILES: Final = {"image", "voice", "video", "file", "emotion", "meeting_voice_call", "voip_doc_share"}
_MEDIA: Final = (
    "sdkfileid", "md5sum", "filename", "fileext", "filesize", "voice_size", "play_length", "width", "height", "link_url", "image_url",
)  # fmt: skip


class NotPlain(ValueError):
    """No message of the archive."""


def read(seq: int, number: str, plain: str, at: Callable[[datetime], datetime] = lambda moment: moment) -> Said:
    """One message. `at` moves its moment onto the tenant's clock. Raises NotPlain.

    What a client wrote is nobody's promise: a moment outside of the calendar or a list that is none is no message of the archive, since
    whatever else were raised here would stop the archive at this message for good.
    """
    try:
        found: Any = _kept(json.loads(plain))
        if not isinstance(found, dict):
            raise NotPlain("no object")
        return _said(seq, number, cast("dict[str, Any]", found), at)
    except (TypeError, ValueError, OverflowError, OSError, RecursionError) as error:
        raise NotPlain("not as the archive writes") from error


def _kept(found: Any) -> Any:
    """The same without what no text of ours holds: NUL, and halves of a pair (an emoji that a client cut in two)."""
    match found:
        case str():
            return found.encode("utf-8", "replace").decode().replace("\0", "")
        case list():
            return [_kept(one) for one in cast("list[Any]", found)]
        case dict():
            return {_kept(name): _kept(one) for name, one in cast("dict[str, Any]", found).items()}
        case _:
            return found


def _said(seq: int, number: str, body: Mapping[str, Any], at: Callable[[datetime], datetime]) -> Said:
    action, kind = str(body.get("action") or "send"), str(body.get("msgtype") or "")
    moment = at(_moment(body))
    if action == "switch" or body.get("roomid"):
        return Said(seq, number, moment)
    sides = _sides(str(body.get("from") or ""), cast("Sequence[Any]", body.get("tolist") or []))
    if sides is None:
        return Said(seq, number, moment)
    by_customer, member, external = sides
    inner = _inner(body, kind)
    what: What = {"revoke": "recall", "agree": "agree", "disagree": "refuse"}.get(kind, "message")  # type: ignore[assignment]
    return Said(
        seq, number, moment, what, "customer" if by_customer else "staff", member, external, kind or "unknown", _text(kind, inner)[:TEXT_MAX],
        {name: inner[name] for name in _MEDIA if inner.get(name) not in (None, "")} if kind in {*_FILES, "link"} else {},
        str(inner.get("pre_msgid") or "") if kind == "revoke" else "",
    )  # fmt: skip


def _moment(body: Mapping[str, Any]) -> datetime:
    raw = body.get("msgtime") or body.get("time")
    if not isinstance(raw, int) or raw <= 0:
        raise NotPlain("no time")
    return datetime.fromtimestamp(raw / 1000, UTC)


def _sides(sender: str, to: Sequence[Any]) -> tuple[bool, str, str] | None:
    """(by the customer, member, external) of a talk between two; None for colleagues among themselves, robots and more than two."""
    if len(to) != 1 or not sender:
        return None
    other = str(to[0])
    if _ROBOT in {sender[:2], other[:2]} or sender.startswith(_OUTSIDE) == other.startswith(_OUTSIDE):
        return None
    return (True, other, sender) if sender.startswith(_OUTSIDE) else (False, sender, other)


def _inner(body: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    found = body.get(
        {"external_redpacket": "redpacket", "docmsg": "doc", "news": "info", "markdown": "info"}.get(kind, kind)
    )
    return cast("Mapping[str, Any]", found) if isinstance(found, dict) else {}


def _text(kind: str, inner: Mapping[str, Any]) -> str:  # noqa: PLR0911  one line for each kind
    """What can be read and searched of a message."""
    match kind:
        case "text" | "markdown":
            return str(inner.get("content") or "")
        case "link" | "weapp" | "news":
            return _joined(inner, "title", "description")
        case "file" | "docmsg" | "todo" | "vote" | "collect":
            return _joined(inner, "filename", "title", "content", "votetitle", "room_name")
        case "location":
            return _joined(inner, "title", "address")
        case "card":
            return _joined(inner, "corpname", "userid")
        case "redpacket" | "external_redpacket":
            return _joined(inner, "wish")
        case "mixed" | "chatrecord":
            return "\n".join(filter(None, (_part(one) for one in cast("list[Any]", inner.get("item") or []))))
        case _:
            return ""


def _part(item: Any) -> str:
    """A part of a mixed message or of a record of talks: its content is JSON in a text."""
    if not isinstance(item, dict):
        return ""
    one = cast("dict[str, Any]", item)
    kind = str(one.get("type") or "").removeprefix("ChatRecord").casefold()
    try:
        inner: Any = _kept(json.loads(str(one.get("content") or "{}")))
    except ValueError:
        return ""
    return _text(kind, cast("dict[str, Any]", inner)) if isinstance(inner, dict) else ""


def _joined(inner: Mapping[str, Any], *names: str) -> str:
    return " ".join(str(inner[name]) for name in names if inner.get(name))
