"""Files at WeCom: sent as multipart, kept there for three days; a cover is a picture with an address for good."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from tandem.connectors.kit.failures import ConnectorFailure
from tandem.connectors.kit.session import Session
from tandem.connectors.kit.values import word
from tandem.connectors.kit.wechat import token_signed
from tandem.connectors.kit.wire import Call, Credentials, Request
from tandem.connectors.wecom.asking import Asks
from tandem.domains.contact.reaching import FileGiven, FileThere

KEPT: Final = timedelta(days=3)
"""For so long a media_id is good (LWdoc:3253)."""
POSTS: Final = "1"
"""`attachment_type` of a file for moments. Not verified in a public source."""
PICTURE_HOSTS: Final = re.compile(r"([a-z0-9-]+\.)*(qpic\.cn|qq\.com|weixin\.qq\.com)")
_UNSAFE: Final = re.compile(r'[\x00-\x1f"\\]')


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a call's parameter."""

    name: str
    type: str
    content: bytes

    def __repr__(self) -> str:
        return f"<{self.name}, {len(self.content)} bytes>"


def signed(call: Call, given: Credentials) -> Request:
    """A call with its token; one with a file is a multipart body (the part is called `media`), the rest of it stands in the query."""
    file = call.params.get("media")
    if not isinstance(file, Upload):
        return token_signed(call, given)
    query = {"access_token": given.token} | {k: str(v) for k, v in call.params.items() if k != "media"}
    border = f"tandem{token_hex(16)}"
    name = _UNSAFE.sub("_", file.name)
    head = (
        f'--{border}\r\nContent-Disposition: form-data; name="media"; filename="{name}"; filelength={len(file.content)}\r\n'
        f"Content-Type: {file.type}\r\n\r\n"
    )
    body = head.encode() + file.content + f"\r\n--{border}--\r\n".encode()
    return Request(
        "POST",
        f"{given.base['api']}{call.path}",
        query,
        {"content-type": f"multipart/form-data; boundary={border}"},
        body,
    )


class MediaPart(Asks):
    """Implements `contact.reaching.FileCalls`."""

    _session: Session

    def give_file(self, file: FileGiven, use: Literal["message", "post", "cover"]) -> FileThere:
        """Hand a file over."""
        media = Upload(file.name, file.type, file.content)
        if use == "cover":
            return FileThere(word(self._ask("media/uploadimg", {"media": media}), "url"), None)
        # Counted from before the call: whatever the platform's clock says, it is not good for longer.
        ends = datetime.now(UTC) + KEPT
        asked: Mapping[str, Any] = {"type": file.kind, "media": media}
        if use == "post":
            asked = {"media_type": file.kind, "attachment_type": POSTS, "media": media}
        made = self._ask("media/upload_attachment" if use == "post" else "media/upload", asked)
        return FileThere(word(made, "media_id"), ends)

    def picture(self, url: str) -> bytes | None:
        """WeCom's picture of a code, from its own hosts only; the simulated corporation's addresses show none."""
        told = urlsplit(url)
        if self._session.account.config.get("simulated") or told.scheme != "https":
            return None
        if told.hostname is None or not PICTURE_HOSTS.fullmatch(told.hostname):
            return None
        try:
            answer = self._session.send(Request("GET", url))
        except ConnectorFailure:
            return None
        return answer.body if answer.status == 200 else None
