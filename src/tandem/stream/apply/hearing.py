"""What the events of a turn can set off: which types anything in the house reacts to."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

from tandem.kernel.turn import Turn
from tandem.stream.events import UPDATED
from tandem.stream.projection import StreamSystem
from tandem.stream.segment.definitions import EVERYTHING, Watched
from tandem.stream.webhooks.outbox import EVERY_TYPE

_TOLD: Final = """
select distinct t.type from webhook as w cross join lateral unnest(w.event_types) as t(type)
where w.tenant_id = %(tenant)s and w.status = 'active'
"""


def hearing(
    turn: Turn, system: StreamSystem, watched: Callable[[], Sequence[Watched]], listens: frozenset[str]
) -> Callable[[], frozenset[str] | None]:
    """Find out when first asked, and only then: ``listens`` (flows), projections, facts, segments and webhooks.

    Answers None where a webhook wants every event. A change of fields that a turn caused is no news to segments: its customer is judged in
    that same turn.
    """

    @cache
    def heard() -> frozenset[str] | None:
        told = frozenset[str](turn.tx.values(_TOLD, {"tenant": turn.tenant_id}))
        if EVERY_TYPE in told:
            return None
        keeping = [one for one in system.projections if one.wanted is None or one.wanted(turn)]
        built = [frozenset(one.types) for one in (*keeping, *system.facts)]
        judged = frozenset[str]().union(*(one.meaning.event_types for one in watched())) - {UPDATED}
        return EVERYTHING.union(listens, told, judged, *built)

    return heard
