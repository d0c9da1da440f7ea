"""The demo's shops on platforms, and its WeCom: simulated ones, connected as an operations person would connect them, with a short past."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from tandem.assembly import system
from tandem.connectors.kit import service
from tandem.connectors.kit.wire import Wire
from tandem.connectors.simulator.server import SimulatedTransport, Simulation, keys, reached
from tandem.connectors.wecom.simulator.desk import kf_account
from tandem.connectors.wecom.simulator.platform import corp_of
from tandem.demo import advisers, attending, colleagues, official, private_domain, season
from tandem.demo.loading import CODE
from tandem.domains.commerce import rates
from tandem.domains.contact.attending.ports import DeskThere
from tandem.kernel.db import Database
from tandem.kernel.settings import settings

SHOPS: Final = {
    "taobao": "天猫旗舰店",
    "jd": "京东旗舰店",
    "douyin": "抖音小店",
    "wechat_shop": "微信小店",
    "shopify": "Shopify 海外店",
}
QUIET_SHOPS: Final = {
    "pinduoduo": "拼多多旗舰店",
    "kuaishou": "快手小店",
    "youzan": "有赞商城",
    "amazon": "Amazon 海外店",
    "ebay": "eBay 海外店",
}
"""Authorised, and not read until somebody begins it on its screen: ten shops at once would be more than a demo needs."""
OFFICES: Final = {"wecom": "企业微信（示范连锁）", "wechat_oa": "公众号（示范连锁）"}
"""Platforms that hold people; they tell of everything by callbacks, so somebody has to listen from the start."""
ORDERS: Final = 60
"""In each shop's past of eighty days, most of which stays unread."""
PER_MINUTE: Final = 0.05
"""One order in twenty minutes: a pulse, and no load. It can be dialled up for each shop on its screen."""
DAYS: Final = 14
_PART: Final = "shops:"
_QUIET_PART: Final = "quiet shops"
_OFFICE_PART: Final = "offices"
_DIRECTORY_PART: Final = "directory"
_DESK_PART: Final = "desk"
_ADVISERS_PART: Final = "advisers"
_SEASON_PART: Final = "season"
_PRIVATE_PART: Final = "private domain"
_OFFICIAL_PART: Final = "official account"
_DOLLAR: Final = Decimal("7.1")
_SWAY: Final = (0, 2, 5, 3, -1, -4, -2, 1)
"""Ten-thousandths by which the demo's dollar stands above its level on one day after the other."""
_RATE_DAYS: Final = 100
"""Longer than the shops' past: an order older than the first rate would be in no total."""


def connect(db: Database) -> datetime:
    """Connect the demo to its shops and its WeCom, once each; returns when their story begins. `db` must know the owner's address."""
    tenant = _tenant(db)
    with db.tx("web", tenant=tenant) as tx:
        marks: list[str] = tx.values("select part from demo_part where tenant_id = %(tenant)s", {"tenant": tenant})
    told = next((mark.removeprefix(_PART) for mark in marks if mark.startswith(_PART)), None)
    epoch = datetime.now(UTC).replace(microsecond=0) if told is None else datetime.fromisoformat(told)
    folder = settings().home / "simulator"
    simulation = Simulation(epoch=epoch, orders_before=ORDERS, folder=folder)
    wire = Wire(SimulatedTransport(simulation))
    if told is None:
        for name, label in SHOPS.items():
            _connect(db, tenant, name, label, wire)
        with db.tx("web", tenant=tenant) as tx:
            rates.write(tx, dollar_rates(min(epoch, tx.now).date(), max(epoch, tx.now).date()))
        _mark(db, tenant, f"{_PART}{epoch.isoformat()}")
    parts: dict[str, Callable[[], None]] = {
        _QUIET_PART: lambda: _connect_all(db, tenant, QUIET_SHOPS, wire, begin=False),
        _OFFICE_PART: lambda: _connect_all(db, tenant, OFFICES, wire),
        _DIRECTORY_PART: lambda: _invite(db, tenant, simulation),
        _DESK_PART: lambda: _open_desk(db, tenant, simulation),
        _ADVISERS_PART: lambda: advisers.engage(db, tenant, "wecom"),
        _SEASON_PART: lambda: season.live_in(db, tenant, "wecom"),
        _PRIVATE_PART: lambda: private_domain.settle_in(db, tenant, "wecom", simulation, folder),
        _OFFICIAL_PART: lambda: official.greet_followers(db, tenant, system()),
    }
    for part, do in parts.items():
        if part not in marks:
            do()
            _mark(db, tenant, part)
    wire.close()
    return epoch


def _connect_all(db: Database, tenant: UUID, accounts: Mapping[str, str], wire: Wire, *, begin: bool = True) -> None:
    for name, label in accounts.items():
        _connect(db, tenant, name, label, wire, begin=begin)


def _invite(db: Database, tenant: UUID, simulation: Simulation) -> None:
    with reached(simulation):
        colleagues.invite(db, tenant, "wecom")


def _open_desk(db: Database, tenant: UUID, simulation: Simulation) -> None:
    """The archive and the desk of the demo's WeCom, where it is connected."""
    there = DeskThere(kf_account(corp_of(simulation.shops["wecom"])), "在线客服")
    with db.tx("web", tenant=tenant) as tx:
        account = tx.value(
            "select id from source_account where tenant_id = %(tenant)s and connector = 'wecom' and config ? 'simulated' order by id limit 1",
            {"tenant": tenant},
        )
        if account is not None:
            attending.open_desk(tx, account, there)


def listening(db: Database) -> dict[str, UUID]:
    """The demo's accounts of platforms that tell of everything by callbacks: platform -> account."""
    tenant = _tenant(db)
    with db.tx("web", tenant=tenant) as tx:
        rows = tx.cursor(
            """
            select connector, id from source_account
            where tenant_id = %(tenant)s and connector = any(%(offices)s::text[]) and status = 'active' and config ? 'simulated'
            """,
            {"tenant": tenant, "offices": list(OFFICES)},
        ).fetchall()
    return {str(name): account for name, account in rows}


def _tenant(db: Database) -> UUID:
    with db.connection("owner") as connection:
        found = connection.execute("select id from tenant where code = %s", (CODE,)).fetchone()
    if found is None:
        raise LookupError("the demo is not loaded")
    return found[0]


def _mark(db: Database, tenant: UUID, part: str) -> None:
    with db.tx("web", tenant=tenant) as tx:
        tx.execute(
            "insert into demo_part (tenant_id, part, done_at) values (%(tenant)s, %(part)s, now()) on conflict do nothing",
            {"tenant": tenant, "part": part},
        )


def dollar_rates(first: date, last: date) -> list[rates.Rate]:
    """What a dollar was worth on each day from `_RATE_DAYS` before `first` until `last`: plausible, and the same in every demo."""
    days = (last - first).days + _RATE_DAYS
    return [
        rates.Rate("USD", day, _DOLLAR * (10_000 + _SWAY[day.toordinal() % len(_SWAY)]) / 10_000)
        for day in (last - timedelta(days=back) for back in range(days + 1))
    ]


def _connect(db: Database, tenant: UUID, name: str, label: str, wire: Wire, *, begin: bool = True) -> None:
    """Make and authorise an account; where `begin`, its last days are read and it is kept up to date, else it is only tried."""
    plain, hidden = keys(name)
    with db.tx("web", tenant=tenant) as tx:
        taken = tx.value(
            "select id from source_account where tenant_id = %(tenant)s and source = %(source)s",
            {"tenant": tenant, "source": name},
        )
        if taken:
            return
        account = service.create(tx, name, name, label, {**plain, **hidden, "simulated": True})
        url = service.begin_authorisation(tx, account, "http://127.0.0.1/authorised")
        nonce = tx.value(
            "select nonce from connector_grant where tenant_id = %(tenant)s and account_id = %(account)s",
            {"tenant": tenant, "account": account},
        )
    if url is not None:
        service.finish_authorisation(db, tenant, account, "simulated-code", str(nonce), send=wire)
    if not begin:
        service.check(db, tenant, account, send=wire)
        return
    with db.tx("web", tenant=tenant) as tx:
        service.start(tx, account, days=DAYS)
