"""Whose word on a tag holds. Pure (decision 140).

What we know of the platform (`known`) is the common past of both sides. A side that agrees with it has not changed anything; so two sides
that both changed agree with each other, and all that can be in dispute is whether one side may change the tag at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Wins = Literal["last", "ours", "platform", "off"]


@dataclass(frozen=True, slots=True)
class Told:
    """What follows from what the platform said of one adviser's customer and one tag.

    `take`: True gives her the tag here, False takes it, None leaves it. `push`: what the platform is to be told instead. `conflict`: the
    platform's change was set back.
    """

    take: bool | None = None
    push: bool | None = None
    conflict: bool = False


def hear(*, said: bool, known: bool, ours: bool, elsewhere: bool, wins: Wins, met: bool) -> Told:
    """The platform says whether an adviser gives her the tag. `elsewhere`: another adviser of hers gives it too.

    Before both sides have met once (`met`) nothing is taken away: what either side has, both have.
    """
    if said == known:
        return Told()
    if wins == "ours" and said != ours and met:
        return Told(push=ours, conflict=True)
    if said:
        return Told(take=None if ours else True)
    return Told(take=False if ours and not elsewhere else None)


@dataclass(frozen=True, slots=True)
class Changed:
    """What follows from a change of ours. `push`: what each adviser's customer is to be told; `back`: what ours becomes again."""

    push: bool | None = None
    back: bool | None = None


def change(*, ours: bool, there: bool, wins: Wins) -> Changed:
    """Our tag came or went. `there`: an adviser of hers gives it on the platform."""
    if wins == "off":
        return Changed()
    if wins == "platform":
        return Changed(back=there if there != ours else None)
    return Changed(push=ours)
