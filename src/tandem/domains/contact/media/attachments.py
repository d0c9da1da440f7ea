"""What messages carry beside their words: pictures, links, pages of mini-programs, files and videos.

An attachment is kept as the platform takes it, but names a file of ours: `{"msgtype": "image", "image": {"media": "<id>"}}`. What was
set up through the API with an id of the platform's own (`media_id`) passes as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, cast
from urllib.parse import urlsplit
from uuid import UUID

from tandem.domains.contact.media import service
from tandem.kernel.db import Tx
from tandem.kernel.errors import Detail

Use = Literal["message", "post", "cover"]
Places = Literal["welcome", "mass", "post", "group_welcome"]
KINDS: Final = ("image", "link", "miniprogram", "video", "file")
_TITLE_BYTES: Final = {"link": 128, "miniprogram": 64}
_DESC_BYTES: Final = 512
#: Our key for a file -> what the platform calls it, and what it is lent for.
_FILES: Final[Mapping[str, tuple[str, str, Use]]] = {
    "image": ("media", "media_id", "message"),
    "video": ("media", "media_id", "message"),
    "file": ("media", "media_id", "message"),
    "link": ("cover", "picurl", "cover"),
    "miniprogram": ("cover", "pic_media_id", "message"),
}


@dataclass(frozen=True, slots=True)
class Carried:
    """A file that an attachment names: what for, and where its place is."""

    media_id: UUID
    msgtype: str
    use: Use


def inner(one: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in an attachment under its own kind."""
    found = one.get(str(one.get("msgtype") or ""))
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def carried(attachments: Sequence[Mapping[str, Any]], *, post: bool = False) -> Iterator[Carried]:
    """The files of ours that attachments name."""
    for one in attachments:
        kind = str(one.get("msgtype") or "")
        if kind not in _FILES:
            continue
        ours, _, use = _FILES[kind]
        named = _uuid(inner(one).get(ours))
        if named is not None:
            yield Carried(named, kind, _use(kind, use, post=post))


def resolved(
    attachments: Sequence[Mapping[str, Any]], ref: Callable[[UUID, Use], str], *, post: bool = False
) -> list[dict[str, Any]]:
    """Attachments as the platform takes them, our files named as it calls them."""
    found: list[dict[str, Any]] = []
    for one in attachments:
        kind = str(one.get("msgtype") or "")
        inside = inner(one)
        if kind in _FILES:
            ours, theirs, use = _FILES[kind]
            named = _uuid(inside.get(ours))
            rest = {key: value for key, value in inside.items() if key != ours}
            if named is not None:
                as_post = kind == "link" and post
                rest[("media_id" if as_post else theirs)] = ref(named, _use(kind, use, post=post))
            inside = rest
        found.append({"msgtype": kind, kind: inside})
    return found


def problems(tx: Tx, attachments: Sequence[Mapping[str, Any]], place: str = "attachments") -> list[Detail]:
    """What the platform would refuse of some attachments."""
    known = service.kinds_of(tx, [one.media_id for one in carried(attachments)])
    found: list[Detail] = []
    for number, one in enumerate(attachments):
        where = f"{place}[{number}]"
        kind = str(one.get("msgtype") or "")
        if kind not in KINDS:
            found.append(Detail(where, f"类型只能是 {'、'.join(KINDS)}", f"its msgtype is one of {', '.join(KINDS)}"))
            continue
        if not inner(one):
            found.append(Detail(where, "附件缺少内容", "an attachment is empty"))
            continue
        found += _wrong_inside(where, kind, inner(one), known)
    return found


def _wrong_inside(
    where: str, kind: str, inside: Mapping[str, Any], known: Mapping[UUID, tuple[str, str]]
) -> list[Detail]:
    found: list[Detail] = []
    ours, theirs, _ = _FILES[kind]
    named = inside.get(ours)
    wanted = "image" if kind in {"link", "miniprogram"} else kind
    if named is not None:
        media = known.get(_uuid(named) or UUID(int=0))
        if media is None:
            found.append(Detail(where, "文件不存在", "there is no such file"))
        elif media[0] != wanted and not (kind == "file" and media[0] in {"image", "video", "file"}):
            found.append(Detail(where, "文件的类型不对", "the file is of another kind"))
    elif kind != "link" and not inside.get(theirs) and not (kind == "image" and inside.get("pic_url")):
        found.append(Detail(where, "请选择文件", "choose a file"))
    if kind == "link":
        found += _wrong_link(where, inside)
    if kind == "miniprogram":
        found += [
            Detail(where, zh, en)
            for key, zh, en in (("title", "小程序要有标题", "a mini-program has a title"), ("appid", "请填写小程序 AppID", "its AppID is missing"), ("page", "请填写小程序页面", "its page is missing"))
            if not str(inside.get(key) or "").strip()
        ]  # fmt: skip
    most = _TITLE_BYTES.get(kind)
    if most is not None and len(str(inside.get("title") or "").encode()) > most:
        found.append(Detail(where, f"标题最多 {most} 字节", f"a title has {most} bytes at most"))
    return found


def _wrong_link(where: str, inside: Mapping[str, Any]) -> list[Detail]:
    found: list[Detail] = []
    told = urlsplit(str(inside.get("url") or ""))
    if told.scheme not in {"http", "https"} or not told.hostname:
        found.append(Detail(where, "网址要以 http:// 或 https:// 开头", "an address begins with http:// or https://"))
    if not str(inside.get("title") or "").strip():
        found.append(Detail(where, "链接要有标题", "a link has a title"))
    if len(str(inside.get("desc") or "").encode()) > _DESC_BYTES:
        found.append(Detail(where, f"描述最多 {_DESC_BYTES} 字节", f"a description has {_DESC_BYTES} bytes at most"))
    return found


def _use(kind: str, use: Use, *, post: bool) -> Use:
    """Posts take ids of their own, for a link's cover too (upload_attachment)."""
    return "post" if post and kind in {"image", "video", "link"} else use


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(str(value)) if value else None
    except ValueError:
        return None
