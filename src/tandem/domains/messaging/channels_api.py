"""Routes: which provider carries which channel, and which approved text stands for which template."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field, StringConstraints

from tandem.access.http import Access, allowed
from tandem.access.shapes import Body, Label
from tandem.domains.messaging import connected
from tandem.domains.messaging.providers import providers
from tandem.domains.messaging.reach import NAMES
from tandem.kernel.errors import Forbidden

router = APIRouter(tags=["messages"])
Reader = Annotated[Access, Depends(allowed("message.read"))]
Writer = Annotated[Access, Depends(allowed("settings.write"))]
Editor = Annotated[Access, Depends(allowed("template.write"))]
Channel = Literal["sms", "email", "official_account", "mini_program", "dingtalk", "feishu"]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class ProviderField(BaseModel):
    """A field of a provider's form."""

    name: str
    label: Label
    secret: bool
    required: bool


class ProviderOut(BaseModel):
    """A provider that can be chosen. `needs_approved_text`: each template names one of the provider's own."""

    name: str
    label: Label
    needs_approved_text: bool
    settings: list[ProviderField]


class ChannelOut(BaseModel):
    """A channel: who carries it (null: the simulated phone), who could, and its plain settings."""

    channel: str
    label: Label
    provider: str | None
    settings: dict[str, Any]
    updated_at: datetime | None
    providers: list[ProviderOut]


class ChannelsOut(BaseModel):
    """Every channel."""

    channels: list[ChannelOut]


class Connect(Body):
    """Who carries it, with the tenant's keys there; secrets that are left out stay while server and account do."""

    provider: Word
    settings: dict[str, Annotated[str, StringConstraints(max_length=2000)]]


class ApprovedText(Body):
    """The provider's own number of the text, and its variables in order: (variable, placeholder of our template)."""

    code: Word
    params: Annotated[list[tuple[Word, Word]], Field(default_factory=list, max_length=30)]


class ApprovedTextOut(BaseModel):
    """The text that stands for a template on a channel. `wanted`: who carries the channel sends nothing without one."""

    channel: str
    label: Label
    wanted: bool
    code: str | None
    params: list[tuple[str, str]]


class ApprovedTexts(BaseModel):
    """Those of one template."""

    texts: list[ApprovedTextOut]


@router.get("/message-channels")
def list_message_channels(access: Reader) -> ChannelsOut:
    """The channels by which people are reached, and who carries each."""
    with access.tx() as tx:
        known = {one.channel: one for one in connected.connected(tx)}
    found: list[ChannelOut] = []
    for channel, label in NAMES.items():
        row = known.get(channel)
        offered = [
            ProviderOut(
                name=one.name,
                label=Label(zh=one.label.zh, en=one.label.en),
                needs_approved_text=one.needs_code,
                settings=[
                    ProviderField(
                        name=s.name, label=Label(zh=s.label.zh, en=s.label.en), secret=s.secret, required=s.required
                    )
                    for s in one.settings
                ],
            )
            for one in providers(channel)
        ]
        found.append(
            ChannelOut(
                channel=channel,
                label=Label(zh=label.zh, en=label.en),
                provider=None if row is None else row.provider,
                settings={} if row is None else row.config,
                updated_at=None if row is None else row.updated_at,
                providers=offered,
            )
        )
    return ChannelsOut(channels=found)


@router.put("/message-channels/{channel}", status_code=204)
def connect_message_channel(access: Writer, channel: Channel, body: Connect) -> None:
    """Choose who carries a channel: everybody's messages and addresses go there."""
    _refuse_narrow(access)
    with access.tx() as tx:
        connected.connect(tx, channel, body.provider, body.settings)


@router.delete("/message-channels/{channel}", status_code=204)
def disconnect_message_channel(access: Writer, channel: Channel) -> None:
    """Forget who carries a channel: the simulated phone takes it again."""
    _refuse_narrow(access)
    with access.tx() as tx:
        connected.disconnect(tx, channel)


@router.get("/message-templates/{template_id}/approved-texts")
def list_approved_texts(access: Reader, template_id: UUID) -> ApprovedTexts:
    """A template's approved texts by channel, for every channel that has some provider who wants one."""
    with access.tx() as tx:
        named = connected.codes_of(tx, template_id)
        carried = {one.channel: one.provider for one in connected.connected(tx)}
    texts: list[ApprovedTextOut] = []
    for channel, label in NAMES.items():
        wanting = {one.name for one in providers(channel) if one.needs_code}
        if wanting or channel in named:
            row = named.get(channel)
            texts.append(
                ApprovedTextOut(
                    channel=channel,
                    label=Label(zh=label.zh, en=label.en),
                    wanted=carried.get(channel) in wanting,
                    code=None if row is None else row.code,
                    params=[] if row is None else [(variable, placeholder) for variable, placeholder in row.params],
                )
            )
    return ApprovedTexts(texts=texts)


@router.delete("/message-templates/{template_id}/approved-texts/{channel}", status_code=204)
def remove_approved_text(access: Editor, template_id: UUID, channel: Channel) -> None:
    """Name no approved text any more."""
    with access.tx() as tx:
        connected.remove_code(tx, template_id, channel)


@router.put("/message-templates/{template_id}/approved-texts/{channel}", status_code=204)
def set_approved_text(access: Editor, template_id: UUID, channel: Channel, body: ApprovedText) -> None:
    """Name the provider's approved text that stands for a template."""
    with access.tx() as tx:
        connected.set_code(tx, template_id, channel, body.code, body.params)


def _refuse_narrow(access: Access) -> None:
    """A provider is told every customer's address and message; whoever sees only some may not choose it."""
    if access.scope.kind != "all":
        raise Forbidden(
            "out_of_scope",
            "渠道发给全部客户，需要全部数据范围。",
            "A channel writes to every customer; it needs the whole data scope.",
        )
    if "sensitive" not in access.privacy:
        raise Forbidden(
            "forbidden",
            "连接渠道需要查看个人和敏感信息的权限（privacy.personal、privacy.sensitive）。",
            "To connect a channel one must be allowed to see personal and sensitive data (privacy.personal, privacy.sensitive).",
        )
