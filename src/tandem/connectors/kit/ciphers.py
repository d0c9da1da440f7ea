"""AES and RSA as platforms use them. What does not open or verify raises NotGenuine or answers False; nothing half-opened comes out."""

from __future__ import annotations

import base64
import binascii
import hmac

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509 import load_pem_x509_certificate

from tandem.connectors.kit.algorithms import NotGenuine

AES_BLOCK = 16


def decoded(text: str) -> bytes:
    """Base64, with or without its `=`. Raises NotGenuine for what is none."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotGenuine("not base64") from error


def text_of(opened: bytes) -> str:
    """What was opened, as text. Raises NotGenuine: whoever sealed it sealed text."""
    try:
        return opened.decode()
    except UnicodeDecodeError as error:
        raise NotGenuine("not text") from error


def cbc_decrypt(key: bytes, iv: bytes, sealed: bytes, *, block: int = AES_BLOCK) -> bytes:
    """AES-CBC with PKCS#7 padding of `block` bytes (WeChat pads to 32). Raises NotGenuine."""
    if not sealed or len(sealed) % AES_BLOCK:
        raise NotGenuine("not whole blocks")
    try:
        opened = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    except ValueError as error:
        raise NotGenuine(str(error)) from error
    padded = opened.update(sealed) + opened.finalize()
    count = padded[-1]
    if not 1 <= count <= block or count > len(padded):
        raise NotGenuine("the padding is not right")
    if not hmac.compare_digest(padded[-count:], bytes([count]) * count):
        raise NotGenuine("the padding is not right")
    return padded[:-count]


def cbc_encrypt(key: bytes, iv: bytes, plain: bytes, *, block: int = AES_BLOCK) -> bytes:
    """AES-CBC with PKCS#7 padding of `block` bytes."""
    count = block - len(plain) % block
    sealing = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return sealing.update(plain + bytes([count]) * count) + sealing.finalize()


def gcm_decrypt(key: bytes, nonce: bytes, sealed: bytes, associated: bytes) -> bytes:
    """AES-GCM; the last 16 bytes of `sealed` are the tag. Raises NotGenuine."""
    try:
        return AESGCM(key).decrypt(nonce, sealed, associated)
    except (InvalidTag, ValueError) as error:
        raise NotGenuine("the tag does not fit") from error


def rsa_verifies(pem: str, message: bytes, signature: str) -> bool:
    """RSA-SHA256 (PKCS#1 v1.5) under a public key or certificate; `signature` in base64."""
    try:
        key = _public(pem)
        key.verify(decoded(signature), message, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, NotGenuine):
        return False
    return True


def rsa_signature(pem: str, message: bytes) -> str:
    """RSA-SHA256 (PKCS#1 v1.5), base64. Raises ValueError or TypeError for a key that is none."""
    key = serialization.load_pem_private_key(pem.encode(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("not an RSA key")
    return base64.b64encode(key.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()


def _public(pem: str) -> rsa.RSAPublicKey:
    try:
        found = (
            load_pem_x509_certificate(pem.encode()).public_key()
            if "CERTIFICATE" in pem
            else serialization.load_pem_public_key(pem.encode())
        )
    except ValueError as error:
        raise NotGenuine("not a key") from error
    if not isinstance(found, rsa.RSAPublicKey):
        raise NotGenuine("not an RSA key")
    return found
