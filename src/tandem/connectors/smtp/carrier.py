"""E-mail by the tenant's own SMTP server, over TLS. A message keeps one id, so that a mailbox may know a repeat."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from typing import Final

from tandem.catalog.label import Label
from tandem.domains.messaging.channel import AnswerLost, ChannelDown, Delivery
from tandem.domains.messaging.providers import Addressed, Keys, Provider, ProviderSetting, register_provider

TIMEOUT_SECONDS: Final = 20.0
SUBJECT_MAX: Final = 60


def mail_of(keys: Keys, message: Addressed) -> EmailMessage:
    """The e-mail: its first line is the subject."""
    sender = str(keys.settings["sender"])
    subject = message.text.strip().splitlines()[0] if message.text.strip() else ""
    made = EmailMessage()
    made["From"], made["To"] = sender, message.address
    made["Subject"] = subject[:SUBJECT_MAX]
    made["Message-ID"] = f"<{message.key}@{sender.rpartition('@')[2] or 'tandem'}>"
    made.set_content(message.text)
    return made


def send(keys: Keys, message: Addressed) -> Delivery:
    """Hand one e-mail over. Raises ChannelDown, AnswerLost."""
    mail = mail_of(keys, message)
    handed = False
    try:
        with smtplib.SMTP_SSL(
            str(keys.settings["host"]),
            int(keys.settings["port"]),
            timeout=TIMEOUT_SECONDS,
            context=ssl.create_default_context(),
        ) as server:
            server.login(str(keys.settings["user"]), keys.secrets["password"])
            handed = True
            server.send_message(mail)
    except smtplib.SMTPRecipientsRefused:
        return Delivery(message.key, "failed", "bad_address")
    except smtplib.SMTPResponseException as refused:
        return _refused(message, refused)
    except (OSError, smtplib.SMTPException) as error:
        raise (AnswerLost("timed_out") if handed else ChannelDown("unreachable")) from error
    return Delivery(message.key, "sent")


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
        ProviderSetting("sender", Label("发件人地址", "Sender's address"), pattern=r"[^\s@]{1,64}@[^\s@]{1,253}"),
        ProviderSetting("password", Label("密码", "Password"), secret=True),
    ),
    send=send,
    address="email",
    needs_code=False,
)
register_provider(PROVIDER)
