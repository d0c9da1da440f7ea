"""Routes of the sidebar: for administrators to set it up, for advisers to use it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Protocol, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from tandem.access import audit
from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, LongLimit, Page, page_in_memory
from tandem.access.shapes import Label
from tandem.catalog.model import Catalog
from tandem.domains.contact.chat.events import CHAT_REPORTED
from tandem.domains.contact.material.service import list_materials
from tandem.domains.contact.radar.links import address
from tandem.domains.contact.radar.token import Link
from tandem.domains.contact.sidebar import binding, card, reach, scripts, signing, tickets
from tandem.domains.contact.sidebar import shapes as s
from tandem.domains.contact.sidebar.events import CUSTOMER_NOTED
from tandem.flow import reading, run_api
from tandem.flow import sidebar as startable
from tandem.flow.runs import RunStatus
from tandem.kernel.errors import Detail, Forbidden, InvalidInput
from tandem.kernel.ids import bucket_of
from tandem.kernel.settings import settings
from tandem.stream.customer import service as customers
from tandem.stream.customer import view
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit

router: Final = APIRouter(tags=["sidebar"])
Adviser = Annotated[Access, Depends(allowed("sidebar.use"))]
Reader = Annotated[Access, Depends(allowed("contact.read"))]
Writer = Annotated[Access, Depends(allowed("contact.write"))]
Binder = Annotated[Access, Depends(allowed("user.write"))]
Search = Annotated[str, Query(max_length=100, description="Words of a script")]
FRIENDS_SHOWN: Final = 100


class _Rooms(Protocol):
    @property
    def catalog(self) -> Catalog: ...


def _catalog(request: Request) -> Catalog:
    return cast("_Rooms", request.state.system).catalog


# --------------------------------------------------------------------------------------------------------- setting up


@router.get("/sidebar-bindings")
def list_sidebar_bindings(access: Reader, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[s.Binding]:
    """Which adviser is which colleague."""
    with access.tx() as tx:
        rows, following = page_in_memory(binding.list_bindings(tx), cursor, limit, "member")
    return Page(items=[s.Binding.model_validate(row, from_attributes=True) for row in rows], next=following)


@router.put("/sidebar-bindings/{account_id}/{member}", status_code=204)
def bind_adviser(access: Binder, account_id: UUID, member: str, given: s.NewBinding) -> None:
    """Say that an adviser is a colleague: in WeCom's sidebar she signs in as that person, with that person's rights."""
    with access.tx() as tx:
        binding.bind(tx, access.identity, account_id, member, given.user_id)


@router.delete("/sidebar-bindings/{account_id}/{member}", status_code=204)
def unbind_adviser(access: Binder, account_id: UUID, member: str) -> None:
    """An adviser signs in as nobody any more."""
    with access.tx() as tx:
        binding.unbind(tx, access.identity, account_id, member)


@router.get("/sidebar-settings/{account_id}")
def get_sidebar_setting(access: Reader, account_id: UUID) -> s.SidebarSettingOut:
    """Where an account's sidebar may stand."""
    with access.tx() as tx:
        binding.check_account(tx, account_id)
        hosts = binding.hosts(tx, account_id)
    home = settings().public_url
    page = None if home is None else f"{home.rstrip('/')}/sidebar/{account_id}"
    return s.SidebarSettingOut(account_id=account_id, trusted_hosts=hosts, page=page)


@router.put("/sidebar-settings/{account_id}", status_code=204)
def set_sidebar_setting(access: Writer, account_id: UUID, given: s.SidebarSetting) -> None:
    """Say where an account's sidebar may stand."""
    with access.tx() as tx:
        binding.set_hosts(tx, account_id, given.trusted_hosts)


# -------------------------------------------------------------------------------------------------- the page in WeCom


@router.post("/sidebar/signature")
def sign_sidebar_page(access: Adviser, given: s.PageAddress) -> s.Signatures:
    """Sign the address of our page for WeCom's script. Raises Forbidden for an address that is not trusted."""
    with access.tx() as tx:
        binding.check_account(tx, given.account_id)
        hosts = binding.hosts(tx, given.account_id)
        config: Mapping[str, Any] = tx.value(
            "select config from source_account where tenant_id = %(tenant)s and id = %(id)s",
            {"tenant": tx.tenant_id, "id": given.account_id},
        )
        now = int(tx.machine_now.timestamp())
        if not signing.is_trusted(given.url, hosts):
            raise Forbidden(
                "page_not_trusted", "这个页面地址不在可信域名内。", "This page's address is not a trusted one."
            )
        audit.record(tx, "sidebar.signed", "source_account", given.account_id)
    made = [
        signing.sign(tickets.ticket(access.db, access.tenant_id, given.account_id, kind), given.url, now)
        for kind in ("corp", "agent")
    ]
    corp, agent = (s.OneSignature(timestamp=one.timestamp, nonce=one.nonce, signature=one.signature) for one in made)
    return s.Signatures(
        corp_id=str(config.get("corp_id") or ""), agent_id=str(config.get("agent_id") or ""), config=corp, agent_config=agent
    )  # fmt: skip


@router.get("/sidebar/friends")
def list_sidebar_friends(access: Adviser, cursor: Cursor = None, limit: LongLimit = 100) -> Page[s.Friend]:
    """The caller's own friends, the latest first: for trying the page outside of WeCom."""
    found = reach.friends(access, FRIENDS_SHOWN)
    items, following = page_in_memory([s.Friend(id=one.id, name=one.name) for one in found], cursor, limit, "id")
    return Page(items=items, next=following)


@router.get("/sidebar/external/{account_id}/{external}")
def find_sidebar_customer(access: Adviser, account_id: UUID, external: str) -> s.Friend:
    """The customer of the chat, by what WeCom calls her."""
    found = reach.of_external(access, account_id, external)
    return s.Friend(id=found.id, name=found.name)


@router.get("/sidebar/customers/{customer_id}")
def read_sidebar_customer(access: Adviser, request: Request, customer_id: UUID) -> s.SidebarCustomer:
    """Who she is, what she has, what waits."""
    catalog = _catalog(request)
    request.state.flow_rooms = request.state.system
    with reach.beside(access, customer_id) as tx:
        rows = [
            one
            for one in reading.runs_of_customer(tx, customer_id, before=None, limit=20)
            if one.status in {RunStatus.ACTIVE, RunStatus.HELD, RunStatus.FAILED}
        ]
        naming = run_api.namings(tx, request, rows)
        return s.SidebarCustomer(
            customer=view.customer(tx, customer_id),
            known_by=card.known_by(tx, customer_id),
            hints=scripts.hints(tx, catalog, customer_id),
            orders=card.orders(tx, customer_id),
            looked=card.looked_at(tx, customer_id),
            coupons=card.coupons(tx, customer_id),
            points=card.points(tx, customer_id),
            tasks=card.tasks(tx, customer_id),
            runs=[_standing(one, naming[one.version_id].label(one.block)) for one in rows],
        )


def _standing(one: reading.RunRow, block: Label | None) -> s.Standing:
    return s.Standing(
        flow=one.flow_name, block=block, state=RunStatus(one.status).name.lower(), since=one.since, entered_at=one.entered_at
    )  # fmt: skip


@router.get("/sidebar/customers/{customer_id}/scripts")
def list_sidebar_scripts(
    access: Adviser, request: Request, customer_id: UUID, q: Search = "", cursor: Cursor = None, limit: LongLimit = 200
) -> Page[s.Script]:
    """Scripts that may be said today, filled in for her."""
    with reach.beside(access, customer_id) as tx:
        found = scripts.for_customer(tx, _catalog(request), customer_id, q)
    items, following = page_in_memory(found, cursor, limit, "id")
    return Page(items=items, next=following)


@router.post("/sidebar/customers/{customer_id}/scripts/{script_id}/use")
def use_sidebar_script(access: Adviser, request: Request, customer_id: UUID, script_id: UUID) -> s.Script:
    """Take a script for her: it is counted."""
    with reach.beside(access, customer_id) as tx:
        return scripts.use(tx, _catalog(request), customer_id, script_id)


@router.delete("/sidebar/customers/{customer_id}/hints/{hint_id}", status_code=204)
def put_sidebar_hint_away(access: Adviser, customer_id: UUID, hint_id: UUID) -> None:
    """A flow's suggestion is not wanted."""
    with reach.beside(access, customer_id) as tx:
        scripts.put_away(tx, customer_id, hint_id)


@router.get("/sidebar/customers/{customer_id}/materials")
def list_sidebar_materials(
    access: Adviser, customer_id: UUID, cursor: Cursor = None, limit: LongLimit = 200
) -> Page[s.MaterialLink]:
    """Materials that may be shown today, each with a link for her that tells whether she read it."""
    with reach.beside(access, customer_id) as tx:
        member = reach.own_member(tx, access, customer_id) or ""
        rows, following = page_in_memory(list_materials(tx, live=True), cursor, limit, "id")
        items = [
            s.MaterialLink(
                id=one.id, name=one.name, kind=one.kind, folder=one.folder, product=one.product,
                link=address(tx, Link(tx.tenant_id, one.id, customer_id, member)),
            )
            for one in rows
        ]  # fmt: skip
    return Page(items=items, next=following)


@router.get("/sidebar/flows")
def list_startable_flows(access: Adviser, cursor: Cursor = None, limit: LongLimit = 200) -> Page[s.StartableFlow]:
    """Flows whose authors let colleagues start them beside a chat."""
    with access.tx() as tx:
        rows = [_startable(one) for one in startable.offers(tx)]
    items, following = page_in_memory(rows, cursor, limit, "block")
    return Page(items=items, next=following)


def _startable(one: startable.Offer) -> s.StartableFlow:
    return s.StartableFlow(
        flow_id=one.flow_id, block=one.block, title=one.title, about=one.config.about,
        questions=[
            s.Question(name=q.name, type=q.type, label=q.label, required=q.required, options=list(q.options)) for q in one.config.inputs
        ],
    )  # fmt: skip


@router.post("/sidebar/customers/{customer_id}/flows", status_code=202)
def start_sidebar_flow(access: Adviser, customer_id: UUID, given: s.FlowStart) -> None:
    """Start a flow for her (F10); the flow's own rules of re-entry decide."""
    with reach.beside(access, customer_id) as tx:
        startable.start(tx, given.flow_id, given.block, customer_id, given.answers)


@router.post("/sidebar/customers/{customer_id}/tags")
def add_sidebar_tag(access: Adviser, customer_id: UUID, given: s.OneTag) -> None:
    """Put a tag on her."""
    with reach.beside(access, customer_id) as tx:
        customers.add_tag(tx, customer_id, given.tag)


@router.delete("/sidebar/customers/{customer_id}/tags/{tag}", status_code=204)
def remove_sidebar_tag(access: Adviser, customer_id: UUID, tag: str) -> None:
    """Take a tag off her."""
    with reach.beside(access, customer_id) as tx:
        customers.remove_tag(tx, customer_id, tag)


@router.post("/sidebar/customers/{customer_id}/notes", status_code=202)
def add_sidebar_note(access: Adviser, customer_id: UUID, given: s.Note) -> None:
    """Write into her history what was learnt."""
    with reach.beside(access, customer_id) as tx:
        payload = {"note": given.text, "by": str(access.user_id)}
        emit(tx, [_event(CUSTOMER_NOTED, customer_id, tx.now, payload)])
        audit.record(tx, "customer.noted", "customer", customer_id, None, {"note": "***"})


@router.post("/simulated-chats/{customer_id}", status_code=202)
def say_on_simulated_phone(
    access: Annotated[Access, Depends(allowed("message.write"))], customer_id: UUID, given: s.Utterance
) -> None:
    """Let a customer say something on the simulated phone, as if it came from a chat: for trying flows that listen."""
    with access.tx() as tx:
        demo: bool = tx.value(
            "select demo or trial_of is not null from tenant where id = %(tenant)s", {"tenant": tx.tenant_id}
        )
        if not demo:
            detail = Detail("customer_id", "只能在演示或试用企业中使用", "only in a demo or trial company")
            raise InvalidInput("not_simulated", "这里的客户是真实的。", "Customers here are real.", details=(detail,))
        customers.store.visible(tx, customer_id)
        payload = {"text": given.text, "through": "simulated", "member": "", "source": "simulated"}
        emit(tx, [_event(CHAT_REPORTED, customer_id, tx.now, payload)])
        audit.record(tx, "simulated_chat.said", "customer", customer_id)


def _event(kind: str, customer_id: UUID, now: Any, payload: dict[str, Any]) -> NewEvent:
    return NewEvent(type=kind, bucket=bucket_of(customer_id), customer_id=customer_id, occurred_at=now, payload=payload)
