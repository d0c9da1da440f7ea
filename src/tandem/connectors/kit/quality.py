"""What makes a connector good, rule by rule; each folder's `quality.toml` says of every rule `done` or `exempt: why`.

A scaffold's rules are `open`: it is a connector that is being written, and no folder of the registry may have one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Final, Literal

Tier = Literal["bronze", "silver", "gold", "none"]

#: Rules by tier. A connector has a tier when every rule of it, and of those below, is done or exempt with a reason.
#: `PROVEN` are never had by an exemption: it says why a thing is not there, and the tier says that it is.
RULES: Final[dict[Tier, dict[str, str]]] = {
    "bronze": {
        "signing-vectors": "its signatures are checked against published vectors",
        "orders": "orders are read, with status and amounts exact",
        "refunds": "money that went back is read",
        "simulator": "a simulator verifies, pages and refuses as the platform does",
        "token-renewal": "tokens are renewed by one process while the others wait",
        "recorded-payloads": "its mapping is tried on payloads from the platform's own documents",
    },
    "silver": {
        "push": "the platform's pushes are verified and read",
        "throttling": "the platform's codes for too many calls are kept to",
        "customers": "buyers become customers by the platform's own key",
        "products": "what is sold is known by name",
        "masked-values": "masked and sealed values name nobody",
        "restart": "a platform that dies and returns loses nothing",
    },
    "gold": {
        "stock-out": "stock can be set from here",
        "stock-in": "stock is read",
        "messages": "conversations are read",
        "decrypt": "sealed buyer data is opened where the platform allows it",
        "checked-live": "it was run against the real platform",
    },
}
_ANSWER: Final = re.compile(r"done$|done: \S|exempt: \S")
PROVEN: Final = frozenset({"checked-live"})


@lru_cache(maxsize=64)
def answers(name: str) -> dict[str, str]:
    """What a connector says of each rule. Raises FileNotFoundError for one that says nothing."""
    text = (files(f"tandem.connectors.{name}") / "quality.toml").read_text(encoding="utf-8")
    return {str(rule): str(said) for rule, said in tomllib.loads(text)["rules"].items()}


def tier_of(name: str) -> Tier:
    """The highest tier all of whose rules are kept."""
    said = answers(name)
    reached: Tier = "none"
    for tier, rules in RULES.items():
        if not all(_kept(rule, said.get(rule, "")) for rule in rules):
            break
        reached = tier
    return reached


def unanswered(said: Mapping[str, str]) -> list[str]:
    """The rules of which is said neither `done` nor `exempt` with a reason."""
    return [rule for tier in RULES.values() for rule in tier if not _ANSWER.match(said.get(rule, ""))]


def _kept(rule: str, said: str) -> bool:
    return _ANSWER.match(said) is not None and (rule not in PROVEN or said.startswith("done"))
