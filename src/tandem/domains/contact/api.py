"""Routes of the private domain."""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from tandem.access import audit
from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, LongLimit, Page, page_in_memory
from tandem.domains.contact import advisers, codes, figures, pictures, welcomes
from tandem.domains.contact.acquiring import service as acquiring
from tandem.domains.contact.placing import problem_words
from tandem.domains.contact.shapes import (
    AdviserOut,
    CodeFigures,
    ContactAccount,
    ContactAccountChange,
    DayFigures,
    Figures,
    FriendCallOut,
    Hours,
    LiveCodeChange,
    LiveCodeOut,
    MemberFigures,
    NewLiveCode,
    NewWelcome,
    SeatOut,
    WelcomeChange,
    WelcomeCounts,
    WelcomeOut,
    WelcomeState,
)
from tandem.kernel.db import Scope, Tx
from tandem.kernel.errors import NotFound

router: Final = APIRouter(tags=["contact"])
Reader = Annotated[Access, Depends(allowed("contact.read"))]
Writer = Annotated[Access, Depends(allowed("contact.write"))]
Days = Annotated[int, Query(ge=1, le=366, description="How many days back")]
Search = Annotated[str | None, Query(max_length=100, description="Part of a name or a source")]


@router.get("/contact-accounts")
def list_contact_accounts(access: Reader, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[ContactAccount]:
    """Connected accounts whose platform knows friends."""
    with access.tx() as tx:
        rows, following = page_in_memory(advisers.list_accounts(tx), cursor, limit, "id")
    return Page(items=[_account(row) for row in rows], next=following)


def _account(row: advisers.AccountRow) -> ContactAccount:
    return ContactAccount(
        id=row.id, name=row.name, simulated=bool(row.config.get("simulated")), codes_used=row.codes_used, codes_max=row.codes_max,
        advisers_read_at=row.advisers_read_at, problem=problem_words(row.problem),
    )  # fmt: skip


@router.patch("/contact-accounts/{account_id}")
def change_contact_account(access: Writer, account_id: UUID, given: ContactAccountChange) -> ContactAccount:
    """Say how many live codes the platform allows."""
    with access.tx() as tx:
        if all(row.id != account_id for row in advisers.list_accounts(tx)):
            raise NotFound("no_such_account", "没有这个企业微信账号。", "There is no such account with friends.")
        tx.execute(
            """
            insert into contact_account (tenant_id, account_id, codes_max) values (%(tenant)s, %(id)s, %(most)s)
            on conflict (tenant_id, account_id) do update set codes_max = excluded.codes_max
            """,
            {"tenant": tx.tenant_id, "id": account_id, "most": given.codes_max},
        )
        audit.record(tx, "contact_account.changed", "source_account", account_id, None, {"codes_max": given.codes_max})
        return next(_account(row) for row in advisers.list_accounts(tx) if row.id == account_id)


@router.get("/advisers")
def list_advisers(
    access: Reader, account_id: UUID | None = None, cursor: Cursor = None, limit: LongLimit = 1000
) -> Page[AdviserOut]:
    """Staff who may have customers, those who are there first."""
    with access.tx() as tx:
        rows, following = page_in_memory(advisers.list_advisers(tx, account_id), cursor, limit, "member")
    return Page(items=[AdviserOut.model_validate(row) for row in rows], next=following)


@router.post("/advisers/read", status_code=202)
def read_advisers(access: Writer) -> None:
    """Let the platform be asked anew who may have customers."""
    with access.tx() as tx:
        advisers.ask_again(tx)


# --------------------------------------------------------------------------------------------------------- live codes


@router.get("/live-codes")
def list_live_codes(
    access: Reader, *, archived: bool = False, q: Search = None, cursor: Cursor = None, limit: Limit = 50
) -> Page[LiveCodeOut]:
    """Live codes with what they brought, newest first."""
    with access.tx() as tx:
        rows, following = codes.list_codes(tx, archived=archived, q=q, cursor=cursor, limit=limit)
        seats = codes.seats_of(tx, [row.id for row in rows])
        clicks = acquiring.clicks_of(tx, [row.id for row in rows])
    with _whole(access) as tx:
        sums = figures.of_codes(tx, [row.id for row in rows])
    return Page(
        items=[_code(row, seats[row.id], sums.get(row.id), clicks.get(row.id, 0)) for row in rows], next=following
    )


@router.post("/live-codes", status_code=201)
def create_live_code(access: Writer, given: NewLiveCode) -> LiveCodeOut:
    """Set a live code up; the platform's follows within a moment."""
    with access.tx() as tx:
        return _one(tx, access, codes.create_code(tx, given))


@router.get("/live-codes/{code_id}")
def get_live_code(access: Reader, code_id: UUID) -> LiveCodeOut:
    """One live code."""
    with access.tx() as tx:
        return _one(tx, access, code_id)


@router.get("/live-codes/{code_id}/picture", response_class=Response)
def get_live_code_picture(access: Reader, code_id: UUID, *, named: bool = False) -> Response:
    """The code as a picture: the platform's own, or drawn here; `named`: as SVG with its name under it."""
    with access.tx() as tx:
        name, picture = pictures.picture_of(access.db, tx, code_id)
    shown = pictures.Picture("image/svg+xml", pictures.named(picture, name)) if named else picture
    return pictures.answer(shown)


@router.patch("/live-codes/{code_id}")
def change_live_code(access: Writer, code_id: UUID, given: LiveCodeChange) -> LiveCodeOut:
    """Change a live code; the printed QR code stays the same."""
    with access.tx() as tx:
        codes.change_code(tx, code_id, given)
        return _one(tx, access, code_id)


@router.post("/live-codes/{code_id}/retry", status_code=202)
def retry_live_code(access: Writer, code_id: UUID) -> None:
    """Ask the platform again now."""
    with access.tx() as tx:
        codes.retry_code(tx, code_id)


@router.delete("/live-codes/{code_id}", status_code=204)
def archive_live_code(access: Writer, code_id: UUID) -> None:
    """Retire a live code: it leads nowhere any more; what it brought stays."""
    with access.tx() as tx:
        codes.archive_code(tx, code_id)


@router.get("/live-codes/{code_id}/figures")
def get_live_code_figures(access: Reader, code_id: UUID, days: Days = 30) -> CodeFigures:
    """What a live code brought by day and by adviser."""
    with _whole(access) as tx:
        codes.get_code(tx, code_id)
        return CodeFigures(
            days=[DayFigures(day=one.day, added=one.added, lost=one.lost) for one in figures.by_day(tx, code_id, days)],
            members=[
                MemberFigures(
                    member=one.member, name=one.name, added=one.added, kept=one.kept, lost=one.lost, first_orders=one.first_orders,
                    buyers=one.buyers,
                )
                for one in figures.of_members(tx, code_id)
            ],
        )  # fmt: skip


def _whole(access: Access):  # noqa: ANN202 - a transaction's context manager, as `Access.tx`
    """A transaction that sees every customer: what leaves it are the company's sums, no customer."""
    return access.db.tx("web", tenant=access.tenant_id, user=access.user_id, scope=Scope.all())


def _one(tx: Tx, access: Access, code_id: UUID) -> LiveCodeOut:
    row = codes.get_code(tx, code_id)
    with _whole(access) as whole:
        sums = figures.of_codes(whole, [code_id]).get(code_id)
    return _code(row, codes.seats_of(tx, [code_id])[code_id], sums, acquiring.clicks_of(tx, [code_id]).get(code_id, 0))


def _code(row: codes.CodeRow, seats: list[codes.SeatRow], sums: figures.Sums | None, clicks: int) -> LiveCodeOut:
    kind: Literal["single", "many", "link"] = (
        "single" if row.kind == "single" else "link" if row.kind == "link" else "many"
    )
    where: Literal["making", "placed", "stuck"] = (
        "stuck" if row.problem else "placed" if row.placed_version == row.version else "making"
    )
    return LiveCodeOut(
        id=row.id, account_id=row.account_id, name=row.name, channel=row.channel, kind=kind,
        archived=row.status == "archived", state=row.state, skip_verify=row.skip_verify, tags=row.tags, qr_url=row.qr_url, where=where,
        reason=row.reason if row.status == "active" else None,  # pyright: ignore[reportArgumentType]
        problem=problem_words(row.problem), seats=[_seat(one, row) for one in seats],
        figures=Figures() if sums is None else Figures(
            added=sums.added, kept=sums.kept, lost=sums.lost, first_orders=sums.first_orders, buyers=sums.buyers
        ),
        clicks=clicks if kind == "link" else None, created_at=row.created_at,
    )  # fmt: skip


def _seat(one: codes.SeatRow, row: codes.CodeRow) -> SeatOut:
    return SeatOut(
        member=one.member, name=one.name or one.member, away=one.status == "away", weight=one.weight, daily_cap=one.daily_cap,
        backup=one.backup, hours=[Hours.model_validate(hours) for hours in one.hours], today=one.today, now=one.member in row.placed,
    )  # fmt: skip


# ----------------------------------------------------------------------------------------------------------- welcomes


@router.get("/welcome-messages")
def list_welcome_messages(access: Reader, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[WelcomeOut]:
    """Welcome messages in the order in which they are tried: the first that fits is said."""
    with access.tx() as tx:
        rows, following = page_in_memory(welcomes.list_welcomes(tx), cursor, limit, "id")
    return Page(items=[WelcomeOut.model_validate(row) for row in rows], next=following)


@router.post("/welcome-messages", status_code=201)
def create_welcome_message(access: Writer, given: NewWelcome) -> WelcomeOut:
    """Add a welcome message behind all others."""
    with access.tx() as tx:
        return WelcomeOut.model_validate(welcomes.get_welcome(tx, welcomes.create_welcome(tx, given)))


@router.put("/welcome-messages/{welcome_id}")
def change_welcome_message(access: Writer, welcome_id: UUID, given: WelcomeChange) -> WelcomeOut:
    """Replace a welcome message, or move it."""
    with access.tx() as tx:
        welcomes.change_welcome(tx, welcome_id, given)
        return WelcomeOut.model_validate(welcomes.get_welcome(tx, welcome_id))


@router.delete("/welcome-messages/{welcome_id}", status_code=204)
def remove_welcome_message(access: Writer, welcome_id: UUID) -> None:
    """Take a welcome message away."""
    with access.tx() as tx:
        welcomes.remove_welcome(tx, welcome_id)


@router.get("/friend-calls")
def list_friend_calls(
    access: Reader, *, state: WelcomeState | None = None, cursor: Cursor = None, limit: Limit = 50
) -> Page[FriendCallOut]:
    """New friends as the platform told them, and what became of their welcomes, newest first."""
    with access.tx() as tx:
        rows, following = welcomes.list_calls(tx, state=state, cursor=cursor, limit=limit)
    return Page(items=[FriendCallOut.model_validate(row) for row in rows], next=following)


@router.get("/friend-calls/counts")
def count_friend_calls(access: Reader) -> WelcomeCounts:
    """What became of welcomes in the last 24 hours."""
    with access.tx() as tx:
        return WelcomeCounts(**welcomes.counts(tx))
