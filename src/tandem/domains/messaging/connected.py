"""A tenant's account at a provider, by channel: chosen, sealed, opened for a sender; and which approved text stands for which template."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tandem.access import audit
from tandem.domains.messaging.providers import Keys, Provider, provider_of
from tandem.domains.messaging.service import get_template
from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Tx
from tandem.kernel.errors import Detail, InvalidInput, NotFound
from tandem.stream.keys import tenant_keys
from tandem.stream.rows import to_json


@dataclass(frozen=True, slots=True)
class ConnectedRow:
    """A channel's account without its secrets."""

    channel: str
    provider: str
    config: dict[str, Any]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class _Sealed:
    provider: str
    config: dict[str, Any]
    key_enc: bytes
    secret_enc: bytes


@dataclass(frozen=True, slots=True)
class Code:
    """An approved text: the provider's own number, and (variable, placeholder) in order."""

    template_id: UUID
    code: str
    params: list[list[str]]


def connected(tx: Tx) -> list[ConnectedRow]:
    """The tenant's connected channels."""
    return tx.all(
        ConnectedRow,
        'select channel, provider, config, updated_at from channel_account where tenant_id = %(tenant)s order by channel collate "C"',
        {"tenant": tx.tenant_id},
    )


def opened(tx: Tx, channel: str) -> tuple[Provider, Keys] | None:
    """Who carries a channel for the tenant, keys open; None: nobody, the simulated phone takes it."""
    row = tx.maybe(
        _Sealed,
        "select provider, config, key_enc, secret_enc from channel_account where tenant_id = %(tenant)s and channel = %(channel)s",
        {"tenant": tx.tenant_id, "channel": channel},
    )
    provider = None if row is None else provider_of(channel, row.provider)
    if row is None or provider is None:
        return None
    key = tenant_keys(tx).unwrap(bytes(row.key_enc))
    return provider, Keys(tx.tenant_id, row.config, json.loads(TenantKeys.open(key, bytes(row.secret_enc))))


def connect(tx: Tx, channel: str, name: str, given: Mapping[str, str]) -> None:
    """Choose a provider and give its keys. Secrets that are left empty stay as they were while they go where they went, as whom they went.

    Raises InvalidInput.
    """
    provider = provider_of(channel, name)
    if provider is None:
        raise InvalidInput("unknown_provider", "没有这个服务商。", "There is no such provider.")
    before = opened(tx, channel)
    plain, hidden = _checked(provider, given, None if before is None or before[0].name != name else before[1])
    keys = tenant_keys(tx)
    key, wrapped = keys.new_data_key()
    tx.execute(
        """
        insert into channel_account (tenant_id, channel, provider, config, key_enc, secret_enc, updated_at, updated_by)
        values (%(tenant)s, %(channel)s, %(provider)s, %(config)s::jsonb, %(key)s, %(secret)s, now(), %(user)s)
        on conflict (tenant_id, channel) do update set provider = excluded.provider, config = excluded.config, key_enc = excluded.key_enc,
          secret_enc = excluded.secret_enc, updated_at = excluded.updated_at, updated_by = excluded.updated_by
        """,
        {
            "tenant": tx.tenant_id,
            "channel": channel,
            "provider": name,
            "config": to_json(plain),
            "key": wrapped,
            "secret": keys.seal(key, json.dumps(hidden)),
            "user": tx.user_id,
        },
    )
    tx.execute(
        "delete from channel_rest where tenant_id = %(tenant)s and channel = %(channel)s",
        {"tenant": tx.tenant_id, "channel": channel},
    )
    audit.record(tx, "message_channel.connected", "message_channel", channel, None, {"provider": name, **plain})


def _checked(
    provider: Provider, given: Mapping[str, str], before: Keys | None
) -> tuple[dict[str, str], dict[str, str]]:
    texts = {one.name: str(given.get(one.name) or "").strip() for one in provider.settings}
    # Whoever may set the server must not learn the old password by naming a server of theirs.
    moved = before is not None and any(
        one.binds and not one.secret and texts[one.name] != str(before.settings.get(one.name) or "")
        for one in provider.settings
    )
    known: Mapping[str, str] = {} if before is None else before.secrets
    plain: dict[str, str] = {}
    hidden: dict[str, str] = {}
    wrong = [
        Detail(f"settings.{name}", "没有这项设置", "there is no such setting")
        for name in given
        if name not in {one.name for one in provider.settings}
    ]
    for one in provider.settings:
        kept = known.get(one.name, "") if one.secret else ""
        value = texts[one.name] or ("" if moved else kept)
        if kept and not value:
            wrong.append(
                Detail(
                    f"settings.{one.name}",
                    "服务器或账号有变，请重新填写，原值不会带过去",
                    "the server or account changed, so give it anew: the old one is not taken there",
                )
            )
        elif value and re.fullmatch(one.pattern, value):
            (hidden if one.secret else plain)[one.name] = value
        elif value or one.required:
            wrong.append(Detail(f"settings.{one.name}", "缺少或格式不正确", "missing or not of the right form"))
    wrong += [] if wrong else provider.judge(plain)
    if wrong:
        raise InvalidInput(
            "bad_channel_settings",
            "渠道设置有误。",
            "The channel's settings are not right.",
            details=tuple(wrong),
        )
    return plain, hidden


def disconnect(tx: Tx, channel: str) -> None:
    """Forget a channel's account; its messages go to the simulated phone again. Raises NotFound."""
    if not tx.execute(
        "delete from channel_account where tenant_id = %(tenant)s and channel = %(channel)s",
        {"tenant": tx.tenant_id, "channel": channel},
    ):
        raise NotFound("channel_not_connected", "这个渠道没有连接。", "This channel is not connected.")
    audit.record(tx, "message_channel.disconnected", "message_channel", channel, None, None)


def set_code(tx: Tx, template_id: UUID, channel: str, code: str, params: Sequence[tuple[str, str]]) -> None:
    """Name the approved text that stands for a template on a channel. Raises NotFound, InvalidInput for a placeholder it has not."""
    template = get_template(tx, template_id)
    foreign = [placeholder for _, placeholder in params if placeholder not in template.placeholders]
    if foreign:
        raise InvalidInput(
            "foreign_placeholder",
            f"模板里没有占位符 {foreign[0]}。",
            f"The template has no placeholder {foreign[0]}.",
        )
    tx.execute(
        """
        insert into channel_template (tenant_id, template_id, channel, code, params)
        values (%(tenant)s, %(template)s, %(channel)s, %(code)s, %(params)s::jsonb)
        on conflict (tenant_id, template_id, channel) do update set code = excluded.code, params = excluded.params
        """,
        {
            "tenant": tx.tenant_id,
            "template": template_id,
            "channel": channel,
            "code": code,
            "params": to_json([list(one) for one in params]),
        },
    )
    told = {"channel": channel, "code": code}
    audit.record(tx, "message_template.approved_text", "message_template", template_id, None, told)


def remove_code(tx: Tx, template_id: UUID, channel: str) -> None:
    """Name no approved text any more: the channel's messages from this template fail until there is one. Raises NotFound."""
    if not tx.execute(
        "delete from channel_template where tenant_id = %(tenant)s and template_id = %(template)s and channel = %(channel)s",
        {"tenant": tx.tenant_id, "template": template_id, "channel": channel},
    ):
        raise NotFound("no_approved_text", "没有登记审核文本。", "No approved text is named.")
    audit.record(
        tx, "message_template.approved_text_removed", "message_template", template_id, None, {"channel": channel}
    )


def codes_of(tx: Tx, template_id: UUID) -> dict[str, Code]:
    """A template's approved texts by channel. Raises NotFound."""
    get_template(tx, template_id)
    rows = tx.cursor(
        "select channel, template_id, code, params from channel_template where tenant_id = %(tenant)s and template_id = %(template)s",
        {"tenant": tx.tenant_id, "template": template_id},
    ).fetchall()
    return {channel: Code(template, code, params) for channel, template, code, params in rows}


def codes(tx: Tx, channel: str, templates: Sequence[UUID]) -> dict[UUID, Code]:
    """The approved texts of some templates on a channel."""
    rows = tx.all(
        Code,
        """
        select template_id, code, params from channel_template
        where tenant_id = %(tenant)s and channel = %(channel)s and template_id = any(%(templates)s::uuid[])
        """,
        {"tenant": tx.tenant_id, "channel": channel, "templates": list(templates)},
    )
    return {row.template_id: row for row in rows}
