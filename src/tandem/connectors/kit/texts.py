"""Turning values into exactly the text that gets signed."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote


def plain(value: Any) -> str:
    """A parameter as it stands in a form: text as it is, `true`/`false`, numbers in figures, lists and objects as compact JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    return compact(value) if isinstance(value, Mapping | list | tuple) else str(value)


def compact(value: Any, *, sort_keys: bool = False) -> str:
    """JSON without blanks, nothing escaped that need not be (Chinese, `/`, `<`, `&` stay)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=sort_keys)


def pairs(params: Mapping[str, Any], *, without: Iterable[str] = (), empty: bool = True) -> list[tuple[str, str]]:
    """Parameters as text, sorted by key (code points). `empty=False` leaves out pairs whose key or value is empty."""
    left_out = set(without)
    found = [(key, plain(value)) for key, value in params.items() if key not in left_out]
    return sorted((key, value) for key, value in found if empty or (key and value))


def joined(params: Mapping[str, Any], *, without: Iterable[str] = (), empty: bool = True) -> str:
    """`k1v1k2v2...`, sorted by key."""
    return "".join(key + value for key, value in pairs(params, without=without, empty=empty))


def equations(params: Mapping[str, Any], *, without: Iterable[str] = (), empty: bool = True) -> str:
    """`k1=v1&k2=v2...`, sorted by key, values raw."""
    return "&".join(f"{key}={value}" for key, value in pairs(params, without=without, empty=empty))


def percent(text: str) -> str:
    """RFC 3986: everything but letters, digits and `-._~`."""
    return quote(text, safe="-._~")


def same(given: str | bytes, wanted: str | bytes) -> bool:
    """Whether two signatures are equal, in a time that says nothing of where they differ."""
    first = given.encode() if isinstance(given, str) else given
    second = wanted.encode() if isinstance(wanted, str) else wanted
    return hmac.compare_digest(first, second)
