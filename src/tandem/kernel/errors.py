"""One root for every failure a person may see: a stable code, an HTTP status, a sentence in Chinese and in English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Detail:
    """One place where something was wrong.

    `where` is a path into what was sent (`events[3].payload.total`), a block id or a field name; the two sentences say what was
    found there and what would be right.
    """

    where: str
    what_zh: str
    what_en: str


class TandemError(Exception):
    """The root of all errors that are meant for people. Anything else that escapes is a defect."""

    status: ClassVar[int] = 400

    def __init__(self, code: str, zh: str, en: str, *, details: tuple[Detail, ...] = ()) -> None:
        super().__init__(f"{code}: {en}")
        self.code = code
        self.zh = zh
        self.en = en
        self.details = details


class InvalidInput(TandemError):
    """What was sent cannot be understood or breaks a rule; `details` names every place."""

    status = 422


class Unauthenticated(TandemError):
    """Nobody is signed in, or the session or key is no longer valid."""

    status = 401


class Forbidden(TandemError):
    """Signed in, but without the right to do this here."""

    status = 403


class NotFound(TandemError):
    """No such thing, or not within this person's data scope: the two are deliberately not told apart."""

    status = 404


class Conflict(TandemError):
    """The thing has changed meanwhile, or its state does not allow this step."""

    status = 409


class Throttled(TandemError):
    """Too many attempts; `retry_after_seconds` says when to come back."""

    status = 429

    def __init__(self, code: str, zh: str, en: str, *, retry_after_seconds: int) -> None:
        super().__init__(code, zh, en)
        self.retry_after_seconds = retry_after_seconds


class Unavailable(TandemError):
    """Something Tandem needs does not answer; trying again later may help."""

    status = 503
    retry_after_seconds: ClassVar[int] = 5


class Misconfigured(TandemError):
    """The operator must change something before Tandem can run."""

    status = 500
