"""What the parts of a line to WeCom have in common: one operation is asked for, its failure told in the domain's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Asks(Protocol):
    """Whoever can call an operation of the customer side."""

    def _ask(self, name: str, params: Mapping[str, Any], method: str = "POST") -> Any:
        """The answer of one operation. Raises GatewayFailure."""
        ...
