"""What WeChat's platforms share: a token in the query, and pushes in XML of which a part is sealed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from xml.parsers import expat

from tandem.connectors.kit.algorithms import NotGenuine
from tandem.connectors.kit.texts import compact
from tandem.connectors.kit.wire import Call, Credentials, Request

_SEALED: Final = re.compile(r"<Encrypt>\s*(?:<!\[CDATA\[)?\s*([A-Za-z0-9+/=]{16,200000})\s*(?:\]\]>)?\s*</Encrypt>")
_DEPTH_MAX: Final = 8


def token_signed(call: Call, given: Credentials) -> Request:
    """Nothing is signed: the token stands in the query."""
    query = {"access_token": given.token}
    if call.method == "GET":
        return Request("GET", f"{given.base['api']}{call.path}", query | {k: str(v) for k, v in call.params.items()})
    body = compact(dict(call.params)).encode()
    return Request("POST", f"{given.base['api']}{call.path}", query, {"content-type": "application/json"}, body)


def sealed_in(body: Any) -> str:
    """What is sealed in a callback. The outer XML is nobody's yet: it is not parsed, only searched. Raises NotGenuine."""
    text = body.decode(errors="replace") if isinstance(body, bytes) else str(body)
    found = _SEALED.search(text)
    if found is None:
        raise NotGenuine("there is no Encrypt")
    return found[1]


def fields(xml: str) -> dict[str, str]:
    """The texts directly below the root of a message. Raises ValueError for what is no XML, brings a DTD, or nests too deeply."""
    found: dict[str, str] = {}
    path: list[str] = []
    parser = expat.ParserCreate()

    def begin(name: str, _attributes: Mapping[str, str]) -> None:
        path.append(name)
        if len(path) > _DEPTH_MAX:
            raise ValueError("nested too deeply")

    def text(data: str) -> None:
        if len(path) == 2:
            found[path[1]] = found.get(path[1], "") + data

    def refuse(*_: Any) -> None:
        raise ValueError("a message has no DTD")

    parser.StartElementHandler = begin
    parser.EndElementHandler = lambda _name: path.pop() and None
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise ValueError(f"not XML: {error}") from error
    return {name: value.strip() for name, value in found.items()}
