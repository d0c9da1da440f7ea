"""The part of the assembled system that rehearsals need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tandem.catalog import Catalog
from tandem.flow.module import KindRegistry, TurnStep
from tandem.flow.rehearsal.parts import Tryout
from tandem.stream.projection import Facts


class Rooms(Protocol):
    """Catalog, kinds and the domains' parts."""

    @property
    def catalog(self) -> Catalog: ...

    @property
    def kinds(self) -> KindRegistry: ...

    @property
    def steps(self) -> Sequence[TurnStep]: ...

    @property
    def facts(self) -> Sequence[Facts]: ...

    @property
    def tryouts(self) -> Sequence[Tryout]: ...
