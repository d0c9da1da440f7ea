"""The sealed messages of WeChat, WeCom, DingTalk and the Douyin mini-app: signature over sorted parts, AES-256-CBC padded to 32 bytes.

Plain text: random bytes, the message's length in bytes (big-endian, 4), the message, the receiver's id.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from tandem.connectors.kit.algorithms import Inputs, NotGenuine, algorithm
from tandem.connectors.kit.ciphers import cbc_decrypt, cbc_encrypt, decoded, text_of
from tandem.connectors.kit.digests import sha1_hex
from tandem.connectors.kit.texts import plain, same

PAD = 32
RANDOM = 16


@dataclass(frozen=True, slots=True)
class Opened:
    """A message and whom it was for."""

    message: str
    receiver_id: str


def signature(token: str, timestamp: str, nonce: str, sealed: str = "") -> str:
    """SHA-1 of the parts, sorted and joined, lower-case hex. Without `sealed`: of a plain push or an address check."""
    parts = [token, timestamp, nonce, *([sealed] if sealed else [])]
    return sha1_hex("".join(sorted(parts)))


def is_signed(given: str, token: str, timestamp: str, nonce: str, sealed: str = "") -> bool:
    """Whether the signature fits; constant time."""
    return same(given, signature(token, timestamp, nonce, sealed))


def key_bytes(encoding_key: str) -> bytes:
    """The 32 bytes of an EncodingAESKey (43 characters). Raises NotGenuine."""
    # Platforms ignore the spare bits of the last character, and so do published examples: no strict check of them.
    try:
        key = base64.b64decode(encoding_key + "=" * (-len(encoding_key) % 4))
    except ValueError as error:
        raise NotGenuine("an EncodingAESKey is base64") from error
    if len(key) != PAD:
        raise NotGenuine("an EncodingAESKey has 43 characters")
    return key


def opened(encoding_key: str, sealed: str, *, receiver_id: str, random_bytes: int = RANDOM) -> Opened:
    """Open a message meant for `receiver_id`. Raises NotGenuine when it is for somebody else or was tampered with."""
    found = _parts(_unsealed(encoding_key, sealed), random_bytes, strict=True)
    if not same(found.receiver_id, receiver_id):
        raise NotGenuine("the message is for another receiver")
    return found


def sealed(encoding_key: str, message: str, *, receiver_id: str, random: bytes) -> str:
    """Seal a message, base64. `random`: 16 bytes that nobody can guess."""
    key, body = key_bytes(encoding_key), message.encode()
    whole = random + len(body).to_bytes(4, "big") + body + receiver_id.encode()
    return base64.b64encode(cbc_encrypt(key, key[:16], whole, block=PAD)).decode()


def _unsealed(encoding_key: str, text: str) -> bytes:
    key = key_bytes(encoding_key)
    return cbc_decrypt(key, key[:16], decoded(text), block=PAD)


def _parts(whole: bytes, random_bytes: int, *, strict: bool) -> Opened:
    begin = random_bytes + 4
    length = int.from_bytes(whole[random_bytes:begin], "big")
    if len(whole) < begin or (strict and length > len(whole) - begin):
        raise NotGenuine("the length is not right")
    return Opened(text_of(whole[begin : begin + length]), text_of(whole[begin + length :]))


@algorithm("wx_msg_sign")
def _sign(inputs: Inputs) -> str:
    return signature(inputs["token"], plain(inputs["timestamp"]), inputs["nonce"], inputs.get("encrypt", ""))


@algorithm("wx_msg_decrypt")
def _decrypt(inputs: Inputs) -> dict[str, str]:
    whole = _unsealed(inputs["encoding_aes_key"], inputs["encrypt"])
    # The Douyin mini-app puts 32 random bytes in front; read with 16, its length runs past the end and everything is message.
    found = _parts(whole, RANDOM, strict=False)
    wanted = inputs.get("receiver_id")
    if wanted is not None and not same(found.receiver_id, wanted):
        raise NotGenuine("the message is for another receiver")
    return {"message": found.message, "receiver_id": found.receiver_id}


@algorithm("wx_msg_encrypt")
def _encrypt(inputs: Inputs) -> dict[str, str]:
    text = sealed(
        inputs["encoding_aes_key"],
        inputs["message"],
        receiver_id=inputs["receiver_id"],
        random=inputs["random16"].encode(),
    )
    return {"encrypt": text, "signature": signature(inputs["token"], plain(inputs["timestamp"]), inputs["nonce"], text)}
