"""The simulated chat archive: a log that is sealed message by message, RSA as the platform has it; consents; a few days of talk.

`/finance-sdk/...` stands for what the native library asks: nobody outside of the platform knows those calls.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_private_key

from tandem.connectors.simulator.base import Shop
from tandem.connectors.wecom.archive.library import CHUNK_BYTES_MAX, LIMIT_MAX
from tandem.connectors.wecom.archive.simulated import seal
from tandem.connectors.wecom.simulator.calls import Answer, Called, operation
from tandem.connectors.wecom.simulator.corp import Contact, Corp
from tandem.connectors.wecom.simulator.talks import TALKS

SECRET: Final = "simulated-archive-secret"  # noqa: S105  of a corporation that is none
PRIVATE_KEY: Final = (
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCSnxW8u7U9tRItitQDpW9dxKoM/IIFFsUcVMaj+mrUHhx+UshoGKbHbk1Hzn"
    "WJcLjmHEl4WgT/RE0AP2LStXNyYyODO2cp7ulApAVo1ig5COAG2UCr60zf/HRCBeefRuf5KQ3o5gT3esTII6p01ZcdCRwdpzyeaRlZligUCBjp"
    "U1iO9BZShmRwpvRAyzwQjNQrKkmhcKkhXjiFoH3k6aA2VnpizLm/1709E9H5NPpqld45RpL9bLeXBPHOvqftqLuZOuZtfUSclMXH15d9RaMH8M"
    "chotX1a5U1MnWjqocRLMFGqRQ3D5vTDF3tbVeojYR4G45TJHsCRRP3oDYN6GBvAgMBAAECggEAAZq24CNjD1mG/ND4ujy3m5d7WVTMT0OPoqsm"
    "WNOvsEH2tNpiqAAEvysPKLqkMBF34qFSr2gtroMSd9sv20sUdFoWDQv7xx4cKpePo3A5sjecESwKZyhpx9DjLJ/FiCvVB7+ArYASONd8tzSws9"
    "YKBLAMQQ6oX5KaJEsoNuFv9KcqTT2ffSywZi3OGYTVFUsDdBECwAqDXQmpUF7wAg+69+urX9Dmk3mWhtsIfgbzblmJnMGEVFcCp3cyqYWLzSOd"
    "sDhcPI0+dqeEFz513TcOfoylO+rTrrUGj6/PzWYnSGwQdCOjKFjhnETT6mVfiJLGSnQfh/pLlUeDk1MDpqSoIQKBgQDNjKNiyjMtldtN/7eboh"
    "cBs8Zahmx70MuTWmvp3B04UgqNMK09cSHRliMVocvkuWIRkl6zjz0rrdI9xmPmgOjWqMi1ls8njSsYQqloiYXb1TWmFk/2XRLwg1/mMVezDJaF"
    "O2P5h0mOfx2yVqMB1IapnoZ8NsHYZvr4WOI/AXTn4QKBgQC2m84H+hzNdCTkfMzIkzkE5Xp2TWGCCh08b9XbAZnhtRWErDzPh5BXHHolrAJJqe"
    "GxR2u8HMuUMuZYVR1OrxGRfZNLy4K7+41wncRFZLHdAU6kOlP2tGQ33JimcCf+XMaU8XdAOwaAzOPhkKVfCGhOOdWbtOTYOVS0W5/H92cSTwKB"
    "gQCtM1+NY+Ih/E9R9zMIwlluhsSSDQkmf7a6kIu0AFTi20am2ChySHz9tOwVU0OSlJ9NPS/tT7p0rsAka6JMXb1U+948HTqrEioJBErpmlAgAB"
    "V3wP9aEe1emuTY/CTw65993qCMZ3IUz4n/dz9d0G40SS77Rcyrg4Lgd00VWC3hIQKBgD96fe6r9WM+YqzC7XU0KHgZRa7mS2UnGu6tecv+DH43"
    "stlB/omt+HEvxw5dcxYkZf54c20bHXHRF93RCLUXiqXm31NT1Yh/c7WYQmhVDrdjAvF4DUQPhV8d4jrJdj2oBqg0IF5FpocTsovw+mvEwm2fET"
    "Ble7/mfhmMWEjtKfllAoGAC0c1wbSfYTLyN6qpXSjitCSA1J0lTyg6hBbLUp2vfn5c+Jv3F3YNLzhcH1ZnKbE9nC9aAJiLLkr4ROT+VEK54eCv"
    "IFbylXQmUTzUv/vdVSNIazhfyOS9e8US09OTEK6VzAL+zl1WbBHXadYYUfY49Q4nyjQD0+A/k82/BySYeKk="
)
"""Of the simulated corporation: whoever reads this may read its made-up messages."""
KEPT: Final = timedelta(days=5)
_LOG: Final = "archive_log"
_CONSENT: Final = "archive_consent"
_FILES: Final = "archive_file"


@cache
def _public() -> RSAPublicKey:
    key = load_der_private_key(base64.b64decode(PRIVATE_KEY), None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError
    return key.public_key()


def _log(corp: Corp) -> list[dict[str, Any]]:
    """Everything that was said, oldest first; a corporation's first days are told when somebody first looks."""
    kept = corp.store(_LOG)
    if "rows" not in kept:
        kept["rows"] = {"list": []}
        _first_days(corp)
    found: list[dict[str, Any]] = kept["rows"]["list"]
    return found


def consent(corp: Corp, member: str, contact: Contact, now: datetime, *, agreed: bool) -> None:
    """A customer lets her talk with a member be kept, or does no longer: told in the archive itself."""
    corp.store(_CONSENT)[f"{member}|{contact.id}"] = {"agreed": agreed, "at": int(now.timestamp())}
    kind = "agree" if agreed else "disagree"
    _write(corp, contact.id, member, now, kind, {"userid": contact.id, f"{kind}_time": int(now.timestamp() * 1000)})


def has_agreed(corp: Corp, member: str, contact: Contact) -> bool:
    """Whether this talk is archived: old friends agreed long ago, new ones have to be asked."""
    found = corp.store(_CONSENT).get(f"{member}|{contact.id}")
    if found is not None:
        return bool(found["agreed"])
    follow = contact.follows.get(member)
    return follow is not None and follow.chatted


def says(
    corp: Corp, member: str, contact: Contact, now: datetime, *, by_customer: bool, kind: str = "text", **inner: Any
) -> str:
    """One of two says something; returns the message's id, empty where it is not archived."""
    if not has_agreed(corp, member, contact) or member in corp.store("archive_closed"):
        return ""
    if kind in {"image", "voice", "video", "file"}:
        inner = {**_file(corp, str(inner.get("filename") or kind)), **inner}
    return _write(corp, *((contact.id, member) if by_customer else (member, contact.id)), now, kind, inner)


def chat(corp: Corp, contact: Contact, query: Mapping[str, str], now: datetime) -> str:
    """As `says`, by what a person asks the simulator for."""
    kind = query.get("kind", "text")
    inner = {"content": query.get("text", "在吗")} if kind == "text" else {}
    return says(
        corp, query["member"], contact, now, by_customer=query.get("by", "customer") == "customer", kind=kind, **inner
    )


def recalls(corp: Corp, number: str, now: datetime) -> None:
    """Somebody takes a message back. Raises KeyError."""
    row = next((one for one in _log(corp) if one["msgid"] == number), None)
    if row is None:
        raise KeyError(number)
    _write(corp, row["plain"]["from"], row["plain"]["tolist"][0], now, "revoke", {"pre_msgid": number}, action="recall")


def _write(
    corp: Corp, sender: str, to: str, now: datetime, kind: str, inner: Mapping[str, Any], *, action: str = "send"
) -> str:
    rows = _log(corp)
    # Ids of the archive say that somebody outside of the corporation takes part.
    number = hashlib.sha256(f"{corp.seed}|archive|{len(rows)}".encode()).hexdigest()[:20] + "_external"
    plain = {
        "msgid": number, "action": action, "from": sender, "tolist": [to], "roomid": "", "msgtime": int(now.timestamp() * 1000), "msgtype": kind,
        kind: dict(inner),
    }  # fmt: skip
    rows.append(
        {"seq": len(rows) + 1, "msgid": number, "at": now, "plain": plain, "version": corp.limits.get("archive_key", 1)}
    )
    return number


def _file(corp: Corp, name: str) -> dict[str, Any]:
    content = hashlib.sha256(f"{corp.seed}|{name}".encode()).digest() * 20_000
    file_id = corp.next_id("sdk")
    corp.store(_FILES)[file_id] = {"bytes": content}
    return {"sdkfileid": file_id, "md5sum": hashlib.md5(content).hexdigest(), "filesize": len(content)}  # noqa: S324  the platform's own digest


def _first_days(corp: Corp) -> None:
    """What stands in `talks.py`, said by the first customers to their advisers in the days before the story begins."""
    friends = [(one, member) for one in corp.contacts.values() for member in list(one.follows)[:1]]
    told: list[tuple[datetime, str, Contact, bool, str, dict[str, Any]]] = []
    for (contact, member), talk in zip(friends, TALKS, strict=False):
        for line in talk:
            moment = corp.epoch - timedelta(minutes=line.minutes_before)
            told.append((moment, member, contact, line.by_customer, line.kind, dict(line.inner)))
    for moment, member, contact, by_customer, kind, inner in sorted(told, key=lambda one: one[0]):
        says(corp, member, contact, moment, by_customer=by_customer, kind=kind, **inner)


# ------------------------------------------------------------------------------------------------ the library's calls


def answer(shop: Shop, corp: Corp, path: str, query: Mapping[str, str]) -> dict[str, Any]:
    """What the native library would get."""
    if query.get("corpid") != shop.settings["corp_id"] or query.get("secret") != SECRET:
        return {"errcode": 10004, "errmsg": "secret is not of this corporation"}
    shop.calls.append(f"finance-sdk/{path}")
    if path == "chatdata":
        return _chat_data(corp, int(query["seq"]), min(int(query["limit"]), LIMIT_MAX), shop.now())
    if path == "media":
        return _media(corp, query.get("sdkfileid", ""), query.get("indexbuf", ""))
    return {"errcode": 10000, "errmsg": "no such call"}


def _chat_data(corp: Corp, seq: int, limit: int, now: datetime) -> dict[str, Any]:
    rows = [one for one in _log(corp)[seq : seq + limit] if one["at"] > now - KEPT]
    return {"errcode": 0, "errmsg": "ok", "chatdata": [_sealed(corp, one) for one in rows]}


def _sealed(corp: Corp, row: Mapping[str, Any]) -> dict[str, Any]:
    key = hashlib.sha256(f"{corp.seed}|{row['msgid']}".encode()).hexdigest()[:32]
    return {
        "seq": row["seq"], "msgid": row["msgid"], "publickey_ver": row["version"],
        "encrypt_random_key": base64.b64encode(_public().encrypt(key.encode(), PKCS1v15())).decode(),
        "encrypt_chat_msg": seal(key, json.dumps(row["plain"], ensure_ascii=False)),
    }  # fmt: skip


def _media(corp: Corp, file_id: str, place: str) -> dict[str, Any]:
    found = corp.store(_FILES).get(file_id)
    if found is None:
        return {"errcode": 10005, "errmsg": "invalid fileid"}
    begin = int(place.rpartition("-")[2] or 0)
    piece: bytes = found["bytes"][begin : begin + CHUNK_BYTES_MAX]
    end = begin + len(piece)
    return {
        "errcode": 0, "data": base64.b64encode(piece).decode(), "outindexbuf": f"Range:bytes={begin}-{end}",
        "is_finish": int(end >= len(found["bytes"])),
    }  # fmt: skip


# --------------------------------------------------------------------------------------------------------- the API


@operation("msgaudit/get_permit_user_list")
def _permitted(called: Called) -> Answer:
    closed = called.corp.store("archive_closed")
    return {
        "ids": [
            one.userid for one in called.corp.members.values() if one.resigned_at is None and one.userid not in closed
        ]
    }


@operation("msgaudit/check_single_agree")
def _agreed(called: Called) -> Answer:
    told: list[dict[str, Any]] = []
    for one in list(called.given.get("info") or []):
        member, external = str(one.get("userid") or ""), str(one.get("exteranalopenid") or "")
        contact = called.corp.contacts.get(external)
        kept = called.corp.store(_CONSENT).get(f"{member}|{external}")
        agreed = contact is not None and has_agreed(called.corp, member, contact)
        told.append(
            {
                "userid": member, "exteranalopenid": external, "agree_status": "Agree" if agreed else "Disagree",
                "status_change_time": int(called.corp.epoch.timestamp()) - 5 * 86_400 if kept is None else kept["at"],
            }
        )  # fmt: skip
    return {"agreeinfo": told}
