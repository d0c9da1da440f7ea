"""A tenant's rules of who is who: what joins, what guards, and from which likelihood a proposal counts. Pure."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

CONTESTABLE: Final = ("phone", "email", "masked_person", "device_person")
"""Kinds that other people may come to use: a join by one of these asks what else is known of both."""

OPTIONAL: Final = ("phone", "email", "masked_person", "device_person", "open_id", "online_account")
"""Kinds that a tenant may take the joining power from. What must be unique (union id, member number) always joins."""


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a tenant decided; the defaults are those measured in `docs/decisions/0055` and 0091."""

    weak: tuple[str, ...] = ()
    """Of `OPTIONAL`: kinds that only suggest with this tenant."""
    contradictions_max: Annotated[int, msgspec.Meta(ge=1, le=100)] = 5
    """After more contradictions than this a value names nobody any more."""
    shared_after: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1
    """From so many contradictions on a value joins only whom something else speaks for."""
    accounts_max: Annotated[int, msgspec.Meta(ge=2, le=1000)] = 20
    """A customer with so many accounts gains no more by a value that others may use: it is laid before a person."""
    names_speak: bool = True
    """Whether names, birthdays and genders are asked before a contestable value joins."""
    recycled_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 180
    """Silence after which another name on a number means that the number changed hands."""
    review_above: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.8
    """Pairs that the nightly comparison finds at least so likely are laid before a person."""
    merge_above: Annotated[float, msgspec.Meta(gt=0, le=1)] | None = 0.8
    """Pairs at least so likely, and of a kind that no household shares, are merged without asking; None: never."""


DEFAULT: Final = Rules()
