"""Credentials put into a call as it is sent, and taken out again of whatever comes back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from tandem.flow.sealed.service import sealed
from tandem.kernel.db import Tx
from tandem.stream.keys import tenant_keys

#: `{secret.NAME}` in an address.
PLACE: Final = re.compile(r"\{secret\.([a-z][a-z0-9_]{0,39})\}")
HIDDEN: Final = "***"


@dataclass(frozen=True, slots=True)
class Opened:
    """A credential in the clear, for the length of one round of calls."""

    host: str
    value: str = field(repr=False)


class SecretUnfit(Exception):
    """A call names a credential that is not there, or that belongs to another host."""


def names_of(url: str, secrets: Mapping[str, Mapping[str, str]]) -> set[str]:
    """Every credential that a call names."""
    return set(PLACE.findall(url)) | {name for part in secrets.values() for name in part.values()}


def open_secrets(tx: Tx, names: Iterable[str]) -> dict[str, Opened]:
    """The credentials of these names that are there."""
    wanted = sorted(set(names))
    if not wanted:
        return {}
    keys = tenant_keys(tx)
    return {
        name: Opened(host, keys.open(keys.unwrap(key), value))
        for name, (host, key, value) in sealed(tx, wanted).items()
    }


def allowed(names: Iterable[str], host: str, known: Mapping[str, Opened]) -> None:
    """Raises SecretUnfit unless every name is there and belongs to the host."""
    for name in sorted(names):
        one = known.get(name)
        if one is None:
            message = f"the credential {name} is missing"
            raise SecretUnfit(message)
        if one.host != host:
            message = f"the credential {name} may not be sent to {host}"
            raise SecretUnfit(message)


def with_url(url: str, known: Mapping[str, Opened]) -> str:
    """The address with its credentials, percent-encoded."""
    return PLACE.sub(lambda found: quote(known[found[1]].value, safe=""), url)


def with_headers(headers: Mapping[str, str], named: Mapping[str, str], known: Mapping[str, Opened]) -> dict[str, str]:
    """The headers, each credential behind what stands before it (`Bearer `)."""
    return {**headers, **{name: headers.get(name, "") + known[secret].value for name, secret in named.items()}}


def with_body(body: str | None, named: Mapping[str, str], known: Mapping[str, Opened]) -> str | None:
    """The body with its credentials as further members: what was computed is not read and written again."""
    if body is None or not named:
        return body
    inside = body.strip()[1:-1].strip()
    more = (f"{json.dumps(name)}: {json.dumps(known[secret].value)}" for name, secret in named.items())
    return "{" + ", ".join([*([inside] if inside else []), *more]) + "}"


def cleaned(text: str | None, values: Iterable[str]) -> str | None:
    """A text from outside, or an error's, without the credentials that it quotes."""
    if text is None:
        return None
    for value in values:
        for spelt in {value, quote(value, safe=""), quote(value), json.dumps(value)[1:-1]}:
            text = text.replace(spelt, HIDDEN)
    return text
