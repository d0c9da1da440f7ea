"""Which function computes which published signing or sealing algorithm, by the id that test vectors name it with.

Platforms' own functions live in their `signing.py`; each says there how a vector's inputs become its arguments. Nothing here is for tests
only: the functions are the ones that the connectors and the simulators call.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final

Inputs = Mapping[str, Any]
Compute = Callable[[Inputs], Any]

_known: Final[dict[str, Compute]] = {}
_ROOT: Final = "tandem.connectors"


class UnknownAlgorithm(LookupError):
    """A vector names an algorithm that no connector implements."""


class NotGenuine(ValueError):
    """Something that was to be opened or verified is not what its sender sealed: tampered with, or under another key."""


def algorithm(name: str) -> Callable[[Compute], Compute]:
    """Register how a vector's inputs are given to the function that a connector uses. Raises ValueError for a name twice."""

    def keep(compute: Compute) -> Compute:
        if name in _known:
            raise ValueError(f"two functions claim the algorithm {name}")
        _known[name] = compute
        return compute

    return keep


def compute(name: str, inputs: Inputs) -> Any:
    """What the algorithm makes of the inputs. Raises UnknownAlgorithm, NotGenuine."""
    load()
    found = _known.get(name)
    if found is None:
        raise UnknownAlgorithm(f"no connector implements the algorithm {name!r}; known: {', '.join(sorted(_known))}")
    return found(inputs)


def names() -> list[str]:
    """Every implemented algorithm."""
    load()
    return sorted(_known)


def load() -> None:
    """Import every folder's signing module, and the kit's."""
    import_module(f"{_ROOT}.kit.signatures")
    import_module(f"{_ROOT}.kit.envelopes")
    for module in pkgutil.iter_modules(import_module(_ROOT).__path__):
        if module.ispkg and module.name not in {"kit", "simulator"}:
            package = import_module(f"{_ROOT}.{module.name}")
            if any(one.name == "signing" for one in pkgutil.iter_modules(package.__path__)):
                import_module(f"{_ROOT}.{module.name}.signing")
