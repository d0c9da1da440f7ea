"""E-mail by the tenant's own SMTP server, over TLS. A message keeps one id, so that a mailbox may know a repeat."""

from __future__ import annotations

import smtplib
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Final

from tandem.catalog.label import Label
from tandem.connectors.smtp.pinned import session
from tandem.domains.messaging.channel import AnswerLost, ChannelDown, Delivery
from tandem.domains.messaging.providers import Addressed, Keys, Provider, ProviderSetting, register_provider
from tandem.kernel.errors import Detail, InvalidInput
from tandem.kernel.settings import settings
from tandem.stream.webhooks.targets import RefusedTarget, check_target

SUBJECT_MAX: Final = 60
PORTS: Final = frozenset({465, 587})
"""Where mail is handed in over TLS. Elsewhere a server would be a way to ask what listens."""
ENCODED: Final = "=?"
"""Begins an encoded word, out of which mail programs read other text than was written."""


def mail_of(keys: Keys, message: Addressed) -> EmailMessage | None:
    """The e-mail: its first line is the subject. None where the address is not exactly one."""
    sender = str(keys.settings["sender"])
    subject = message.text.strip().splitlines()[0] if message.text.strip() else ""
    made = EmailMessage()
    if ENCODED in message.address or "@" not in message.address:
        return None
    try:
        made["To"] = message.address
    except ValueError:
        return None
    if [one.addr_spec for one in made["To"].addresses] != [message.address]:
        return None
    made["From"] = sender
    made["Subject"] = subject[:SUBJECT_MAX].replace(ENCODED, "= ?")
    made["Message-ID"] = f"<{message.key}@{sender.rpartition('@')[2] or 'tandem'}>"
    made.set_content(message.text)
    return made


def send(keys: Keys, message: Addressed) -> Delivery:
    """Hand one e-mail over. Raises ChannelDown, AnswerLost."""
    mail = mail_of(keys, message)
    if mail is None:
        return Delivery(message.key, "failed", "bad_address")
    if judge(keys.settings):
        raise ChannelDown("server_not_allowed")
    host, port = str(keys.settings["host"]), int(keys.settings["port"])
    handed = False
    try:
        with session(host, port, private_allowed=settings().webhook_private_targets) as server:
            server.login(str(keys.settings["user"]), keys.secrets["password"])
            handed = True
            server.send_message(mail, from_addr=str(keys.settings["sender"]), to_addrs=[message.address])
    except RefusedTarget as refused:
        raise ChannelDown("unreachable" if refused.__cause__ else "server_not_allowed") from refused
    except smtplib.SMTPRecipientsRefused:
        return Delivery(message.key, "failed", "bad_address")
    except smtplib.SMTPResponseException as refused:
        return _refused(message, refused)
    except (OSError, ValueError, smtplib.SMTPException) as error:
        # An address beyond ASCII, which this server does not take.
        if handed and isinstance(error, smtplib.SMTPNotSupportedError):
            return Delivery(message.key, "failed", "bad_address")
        raise (AnswerLost("timed_out") if handed else ChannelDown("unreachable")) from error
    return Delivery(message.key, "sent")


def judge(given: Mapping[str, str]) -> list[Detail]:
    """What can be seen wrong with the server without asking the network."""
    private = settings().webhook_private_targets
    wrong: list[Detail] = []
    if int(given["port"]) not in (range(1, 65536) if private else PORTS):
        wrong.append(Detail("settings.port", "只能是 465 或 587", "only 465 or 587"))
    try:
        check_target(f"https://{given['host']}/", private_allowed=private)
    except InvalidInput as refused:
        wrong += [Detail("settings.host", one.what_zh, one.what_en) for one in refused.details]
    return wrong


def _refused(message: Addressed, refused: smtplib.SMTPResponseException) -> Delivery:
    """4xx: not now. 5xx: about this message, unless it is about who we are."""
    code = refused.smtp_code
    if isinstance(refused, smtplib.SMTPAuthenticationError):
        raise ChannelDown("not_authorised") from refused
    if 400 <= code < 500:
        return Delivery(message.key, "later", "throttled")
    return Delivery(message.key, "failed", f"smtp_{code}")


PROVIDER: Final = Provider(
    name="smtp",
    channel="email",
    label=Label("邮件服务器（SMTP）", "Mail server (SMTP)"),
    settings=(
        ProviderSetting("host", Label("服务器", "Server"), pattern=r"[A-Za-z0-9.-]{1,253}"),
        ProviderSetting("port", Label("端口（TLS）", "Port (TLS)"), pattern=r"\d{1,5}"),
        ProviderSetting("user", Label("账号", "Account")),
        ProviderSetting(
            "sender",
            Label("发件人地址", "Sender's address"),
            pattern=r"(?!.*=\?)[^\s@<>()\[\],;:\"\\]{1,64}@[A-Za-z0-9.-]{1,253}",
            binds=False,
        ),
        ProviderSetting("password", Label("密码", "Password"), secret=True),
    ),
    send=send,
    address="email",
    needs_code=False,
    judge=judge,
)
register_provider(PROVIDER)
