"""The archive of a corporation as the domain reads it: pulled and opened in the library's process, by keys that never leave this one."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, Final

import structlog

from tandem.connectors.kit import wire
from tandem.connectors.kit.doorway import CLOCK, on_tenants_clock
from tandem.connectors.kit.failures import ConnectorFailure
from tandem.connectors.kit.session import Session, credentials_of
from tandem.connectors.kit.values import epoch, listed, texts, word
from tandem.connectors.kit.wire import Call, Credentials
from tandem.connectors.wecom.archive.keys import NoKey, keys_of, random_key
from tandem.connectors.wecom.archive.library import ArchiveLibrary, LibraryFailure
from tandem.connectors.wecom.archive.mapping import NotPlain, read
from tandem.connectors.wecom.archive.process import LibraryProcess
from tandem.connectors.wecom.archive.simulated import SimulatedLibrary
from tandem.connectors.wecom.connector import PLATFORM
from tandem.connectors.wecom.gateway import QUICK, failure_of
from tandem.domains.contact.archive.ports import Broke, Consent, Pulled, Said
from tandem.domains.contact.gateway import GatewayFailure
from tandem.kernel.db import Database
from tandem.kernel.settings import settings
from tandem.stream.sources.connector import Account

log = structlog.get_logger("tandem.archive")

CONSENTS_MAX: Final = 100
FILE_BYTES_MAX: Final = 20 << 20
FILE_CHUNKS_MAX: Final = 200


def _broken(failure: LibraryFailure) -> GatewayFailure:
    return GatewayFailure("later" if failure.passing else "set_up", failure.told, str(failure.ret or ""))


class WeComArchive:
    """Implements `contact.archive.ports.ArchiveLine`."""

    def __init__(self, session: Session, library: ArchiveLibrary, keys: str, clock: list[Any]) -> None:
        self._session = session
        self._library = library
        try:
            self._keys = keys_of(keys)
        except NoKey as error:
            raise GatewayFailure("set_up", str(error)) from error
        self._clock: list[Any] = session.account.config.get(CLOCK) or clock

    def _at(self, moment: datetime) -> datetime:
        return on_tenants_clock(moment, self._clock)

    def pull(self, seq: int, limit: int, skip: AbstractSet[int] = frozenset()) -> Pulled:
        """Messages after a number. One that no key opens, or that says nothing, is counted and passed over: it never will.

        Over one that breaks the library what came before it is told, so that it alone is tried again.
        """
        try:
            sealed = self._library.pull(seq, limit)
        except LibraryFailure as failure:
            raise _broken(failure) from failure
        said: list[Said] = []
        unread, last = 0, seq
        for one in sealed:
            if one.seq in skip:
                unread, last = unread + 1, one.seq
                continue
            try:
                plain = self._library.open(random_key(self._keys, one.key_version, one.random_key), one.message)
                said.append(read(one.seq, one.number, plain, self._at))
            except (NoKey, NotPlain) as error:
                log.warning("archive_unread", account=str(self._session.account.id), seq=one.seq, why=str(error))
                unread += 1
            except LibraryFailure as failure:
                if failure.ret == 0:
                    return Pulled(said, last, unread, Broke(one.seq, one.number, failure.told))
                unread += 1
            last = one.seq
        return Pulled(said, last, unread)

    def _ask(self, name: str, params: dict[str, Any]) -> Any:
        try:
            return self._session.call(Call(name, params, "POST", f"/cgi-bin/{name}"))
        except ConnectorFailure as failure:
            raise failure_of(failure) from failure

    def consents(self, pairs: Sequence[tuple[str, str]]) -> list[Consent]:
        """By `check_single_agree`."""
        asked = [{"userid": member, "exteranalopenid": external} for member, external in pairs[:CONSENTS_MAX]]
        found = self._ask("msgaudit/check_single_agree", {"info": asked})
        told: list[Consent] = []
        for one in listed(found, "agreeinfo"):
            since = epoch(one, "status_change_time")
            # `Default_Agree`: the corporation's setting agrees for her, as the platform allows outside of some trades.
            agreed = word(one, "agree_status") in {"Agree", "Default_Agree"}
            external = word(one, "exteranalopenid") or word(one, "exteranaluserid")
            told.append(Consent(word(one, "userid"), external, agreed, None if since is None else self._at(since)))
        return told

    def watched(self) -> list[str]:
        """By `get_permit_user_list`."""
        return texts(self._ask("msgaudit/get_permit_user_list", {}), "ids")

    def media(self, file_id: str) -> bytes:
        """All pieces of a file, up to a bound."""
        place, parts, size = "", list[bytes](), 0
        for _ in range(FILE_CHUNKS_MAX):
            try:
                chunk = self._library.media(file_id, place)
            except LibraryFailure as failure:
                raise _broken(failure) from failure
            parts.append(chunk.data)
            size += len(chunk.data)
            place = chunk.place
            if not place:
                return b"".join(parts)
            if size > FILE_BYTES_MAX:
                break
        raise GatewayFailure("refused", "the file is too large to be shown")


@dataclass(frozen=True, slots=True)
class _Kept:
    wanted: tuple[tuple[str, str], ...]
    library: LibraryProcess


class WeComArchives:
    """Implements `contact.archive.ports.ArchiveGateway`. Keeps one process for each account until its set-up changes."""

    def __init__(self) -> None:
        self._kept: dict[Any, _Kept] = {}
        self._lock = Lock()

    @contextmanager
    def open(self, db: Database, account: Account) -> Generator[WeComArchive]:
        """A line. Raises GatewayFailure."""
        sent = wire.Wire(timeout=QUICK)
        try:
            try:
                session = Session(PLATFORM, account, db, sent)
                given = credentials_of(PLATFORM, account)
            except ConnectorFailure as failure:
                raise failure_of(failure) from failure
            keys = given.secrets.get("archive_keys", "")
            yield WeComArchive(session, self._library(account, given), keys, _clock(db, account))
        finally:
            sent.close()

    def _library(self, account: Account, given: Credentials) -> ArchiveLibrary:
        corp, secret = str(given.settings["corp_id"]), given.secrets.get("archive_secret", "")
        if not secret:
            raise GatewayFailure("set_up", "the archive's secret is not set")
        if account.config.get("simulated"):
            base = given.base["api"]
            if wire.route:
                # Tests have the platform in their own process.
                return SimulatedLibrary(_routed(base), corp, secret)
            wanted = {"library": "simulated", "url": base, "corp_id": corp, "secret": secret}
        else:
            path = settings().archive_library
            if path is None:
                raise GatewayFailure("set_up", "TANDEM_ARCHIVE_LIBRARY does not name the platform's library")
            wanted = {"library": "native", "path": str(path), "corp_id": corp, "secret": secret}
        return self._process(account.id, tuple(sorted(wanted.items())))

    def _process(self, account: Any, wanted: tuple[tuple[str, str], ...]) -> LibraryProcess:
        with self._lock:
            kept = self._kept.get(account)
            if kept is None or kept.wanted != wanted:
                if kept is not None:
                    kept.library.close()
                kept = self._kept[account] = _Kept(wanted, LibraryProcess(dict(wanted)))
            return kept.library


def _clock(db: Database, account: Account) -> list[Any]:
    """How far a simulated account's tenant is ahead now, for one that was never asked before (`kit.rounds` keeps it from then on)."""
    if not account.config.get("simulated"):
        return []
    with db.tx("worker", tenant=account.tenant_id) as tx:
        return [[tx.machine_now.isoformat(), round((tx.now - tx.machine_now).total_seconds())]]


def _routed(base: str) -> Any:
    """Through the transport that stands for the network."""

    def fetch(path: str, query: Any) -> bytes:
        sent = wire.Wire()
        try:
            return sent(wire.Request("GET", f"{base}{path}", query)).body
        except ConnectorFailure as failure:
            raise LibraryFailure(failure.told, 10001) from failure
        finally:
            sent.close()

    return fetch
