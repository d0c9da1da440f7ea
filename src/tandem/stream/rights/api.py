"""Routes of people's rights: requests with two pairs of eyes, packages, consents."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response

from tandem.access import audit
from tandem.access.http import Access, allowed, forbidden
from tandem.access.paging import Cursor, Limit, LongLimit, Page, page_in_memory
from tandem.access.privacy import PERSONAL, SENSITIVE
from tandem.kernel.db import Tx
from tandem.stream.customer import store
from tandem.stream.keys import tenant_keys
from tandem.stream.rights import consents, receipt, requests, work
from tandem.stream.rights.shapes import (
    ConsentOut,
    ConsentProof,
    ConsentRuleBody,
    ConsentRules,
    ConsentTextOut,
    NewConsent,
    NewConsentText,
    NewRightsRequest,
    RecordedConsent,
    Refusal,
    RightsRequestOut,
)

router = APIRouter(tags=["rights"])

Reader = Annotated[Access, Depends(allowed("rights.read"))]
Writer = Annotated[Access, Depends(allowed("rights.write"))]
Approver = Annotated[Access, Depends(allowed("rights.approve"))]
CustomerReader = Annotated[Access, Depends(allowed("customer.read"))]
CustomerWriter = Annotated[Access, Depends(allowed("customer.write"))]
SettingsReader = Annotated[Access, Depends(allowed("settings.read"))]
SettingsWriter = Annotated[Access, Depends(allowed("settings.write"))]


@router.get("/rights-requests")
def list_rights_requests(
    access: Reader,
    status: Literal["open", "approved", "done", "refused", "failed"] | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[RightsRequestOut]:
    """What people asked for, newest first."""
    with access.tx() as tx:
        rows, following = requests.list_requests(tx, status=status, cursor=cursor, limit=limit)
    return Page(items=[RightsRequestOut.model_validate(row) for row in rows], next=following)


@router.post("/rights-requests", status_code=201)
def file_rights_request(access: Writer, body: NewRightsRequest) -> RightsRequestOut:
    """File a person's request for a copy or for erasure. Somebody else has to approve it before it is carried out."""
    with access.tx() as tx:
        request_id = requests.file_request(
            tx, kind=body.kind, customer_id=body.customer_id, reason=body.reason, asked_at=body.asked_at
        )
        return _whole(tx, request_id)


@router.get("/rights-requests/{request_id}")
def read_rights_request(access: Reader, request_id: UUID) -> RightsRequestOut:
    """One request; when it is done, with its receipt and whether that is genuine."""
    with access.tx() as tx:
        return _whole(tx, request_id)


@router.post("/rights-requests/{request_id}/approve")
def approve_rights_request(access: Approver, request_id: UUID) -> RightsRequestOut:
    """Let a request be carried out; refused for who filed it. An erasure cannot be undone.

    What a platform asked for stays open after the first approval (`first_approved_by`) and needs another colleague's.
    """
    with access.tx() as tx:
        requests.approve(tx, request_id)
        return _whole(tx, request_id)


@router.post("/rights-requests/{request_id}/refuse")
def refuse_rights_request(access: Approver, request_id: UUID, body: Refusal) -> RightsRequestOut:
    """Turn a request down, with the reason that the person is told."""
    with access.tx() as tx:
        requests.refuse(tx, request_id, body.note)
        return _whole(tx, request_id)


@router.get("/rights-requests/{request_id}/file", response_class=Response)
def download_rights_file(access: Reader, request_id: UUID) -> Response:
    """The package of an export, for seven days: `data.json` for machines, `index.html` to read. The download is recorded."""
    for permission in (PERSONAL, SENSITIVE):
        if not access.may(permission):
            raise forbidden(permission)
    with access.tx() as tx:
        store.visible(tx, requests.get_request(tx, request_id).customer_id)
        data = work.read_file(tx, request_id)
        audit.record(tx, "rights.downloaded", "rights_request", request_id)
    headers = {"Content-Disposition": f'attachment; filename="person-{request_id}.zip"'}
    return Response(data, media_type="application/zip", headers=headers)


@router.get("/customers/{customer_id}/consents")
def list_consents(
    access: CustomerReader, customer_id: UUID, cursor: Cursor = None, limit: LongLimit = 200
) -> Page[ConsentOut]:
    """What holds now: the latest entry of each purpose and channel."""
    with access.tx() as tx:
        rows, following = page_in_memory(consents.current(tx, customer_id), cursor, limit, "id")
    return Page(items=[ConsentOut.model_validate(row) for row in rows], next=following)


@router.get("/customers/{customer_id}/consents/history")
def list_consent_history(
    access: CustomerReader, customer_id: UUID, cursor: Cursor = None, limit: Limit = 50
) -> Page[ConsentOut]:
    """Every consent given and taken back, newest first."""
    with access.tx() as tx:
        rows, following = consents.history(tx, customer_id, cursor=cursor, limit=limit)
    return Page(items=[ConsentOut.model_validate(row) for row in rows], next=following)


@router.post("/customers/{customer_id}/consents", status_code=201)
def record_consent(access: CustomerWriter, customer_id: UUID, body: NewConsent) -> RecordedConsent:
    """Note a consent or its withdrawal. A withdrawal cancels planned marketing messages in the same step."""
    with access.tx() as tx:
        entry, stopped = consents.record(tx, customer_id, consents.Given(**body.model_dump()))
    return RecordedConsent(id=entry, stopped_messages=stopped)


@router.post("/customers/{customer_id}/consents/{consent_id}/proof")
def show_consent_proof(access: CustomerWriter, customer_id: UUID, consent_id: UUID) -> ConsentProof:
    """Show the proof of one entry in the clear; the look is recorded."""
    if not access.may(PERSONAL):
        raise forbidden(PERSONAL)
    with access.tx() as tx:
        return ConsentProof(proof=consents.proof_of(tx, customer_id, consent_id))


@router.get("/consent-texts")
def list_consent_texts(access: CustomerReader, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[ConsentTextOut]:
    """The wordings of every purpose, newest version first."""
    with access.tx() as tx:
        rows, following = page_in_memory(consents.texts(tx), cursor, limit, "id")
    return Page(items=[ConsentTextOut.model_validate(row) for row in rows], next=following)


@router.post("/consent-texts", status_code=201)
def create_consent_text(access: SettingsWriter, body: NewConsentText) -> ConsentTextOut:
    """Make the next version of a wording. Versions that were shown are never changed."""
    with access.tx() as tx:
        made = consents.add_text(tx, body.purpose, body.wording, body.channel)
        return next(ConsentTextOut.model_validate(row) for row in consents.texts(tx) if row.id == made)


@router.get("/consent-rules")
def read_consent_rules(access: SettingsReader) -> ConsentRules:
    """Which channels need a consent before marketing."""
    with access.tx() as tx:
        return _rules(tx)


@router.put("/consent-rules/{channel}")
def set_consent_rule(
    access: SettingsWriter, channel: Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,39}$")], body: ConsentRuleBody
) -> ConsentRules:
    """Say whether marketing on a channel needs a consent first; messages already planned are asked again before they go."""
    with access.tx() as tx:
        consents.set_rule(tx, channel, body.mode)
        return _rules(tx)


def _rules(tx: Tx) -> ConsentRules:
    found: dict[str, Any] = consents.rules(tx)
    return ConsentRules(rules=found)


def _whole(tx: Tx, request_id: UUID) -> RightsRequestOut:
    row = requests.get_request(tx, request_id)
    made = RightsRequestOut.model_validate(row)
    if row.receipt is not None and row.receipt_hash is not None and row.signature is not None:
        made.genuine = receipt.is_genuine(tenant_keys(tx), row.receipt, row.receipt_hash, row.signature)
    return made
