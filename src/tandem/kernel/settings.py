"""What a process is told from outside: environment variables beginning with ``TANDEM_``, and one secret file.

Everything has a default that suits a laptop. Nothing else in Tandem reads the environment.
"""

import base64
import binascii
import hashlib
import hmac
import os
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from tandem.kernel.errors import Misconfigured

Role = Literal["owner", "web", "worker", "door"]
LOGIN_ROLES: Final[tuple[Role, ...]] = ("web", "worker", "door")

MASTER_KEY_BYTES: Final = 32


def checkout() -> Path:
    """Return the folder that holds ``src``; the current folder when Tandem was installed as a plain package."""
    root = Path(__file__).resolve().parents[3]
    return root if (root / "pyproject.toml").is_file() else Path.cwd()


class Settings(BaseSettings):
    """Settings of one process. Units stand in the names."""

    model_config = SettingsConfigDict(env_prefix="TANDEM_", extra="ignore")

    home: Path = Field(default_factory=lambda: checkout() / ".tandem")
    database_url: SecretStr | None = None
    """The owner's address of an outside PostgreSQL; unset means the embedded one under ``home``."""
    web_database_url: SecretStr | None = None
    worker_database_url: SecretStr | None = None
    door_database_url: SecretStr | None = None
    """Addresses of the three roles where an operator made them; otherwise they follow from ``database_url``."""
    master_key: SecretStr | None = None
    """32 bytes in base64. Several machines that share a database share it; unset means ``home/master.key``."""

    host: str = "127.0.0.1"
    port: int = Field(default=8420, ge=0, le=65535)
    public_url: str | None = None
    web_processes: int = Field(default=1, ge=1, le=64)
    worker_processes: int = Field(default=1, ge=0, le=64)
    secure_cookies: bool = False
    """Cookies only over TLS; switch on behind a TLS proxy."""
    demo: bool = True
    """Load the demo tenant on the first start of ``script/server``."""
    demo_shops: bool = True
    """Connect the demo to simulated shops, which ``script/server`` runs beside it."""
    build_web: bool = True
    """Build the web app when its sources changed; off where it was built elsewhere."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_json: bool = False
    free_space_bytes_min: int = 1_000_000_000
    """A start with less room on the data disk is refused before it does harm."""
    intake_retention_days: int = Field(default=30, ge=1)
    """How long raw envelopes are kept, in days; what was made of them stays."""
    intake_nats_url: str | None = None
    """NATS JetStream servers, by commas (`nats://a:4222,nats://b:4222`): webhooks are buffered there before the database."""
    simulator_url: str | None = None
    """Where `tandem simulate` listens: accounts that say "simulated" are asked there instead of at the platform."""
    simulator_token: SecretStr | None = None
    """What the simulator's `/control` wants to hear; the same word in both processes."""
    archive_library: Path | None = None
    """WeCom's own library for the chat archive (`libWeWorkFinanceSdk_C.so`), which each company gets from WeCom itself."""
    webhook_private_targets: bool = False
    """Let webhooks go to plain http and to private or local addresses: for development and closed networks only."""
    webhook_patience_hours: int = Field(default=72, ge=1)
    """A webhook whose receiver has failed for so long without one success is switched off."""
    rights_due_days: int = Field(default=15, ge=1)
    """Within how many days a person's request for a copy or for erasure must be done."""
    backup_retention_days: int = Field(default=30, ge=0)
    """How long the operator keeps backups: stated on receipts of erasure, since a backup still holds what was erased."""
    lock_timeout_seconds: float = Field(default=5.0, gt=0)
    migration_statement_timeout_seconds: float = Field(default=600.0, gt=0)

    def address(self, role: Role = "owner") -> str | None:
        """Return the database address for a role, or None when no database was named."""
        own: SecretStr | None = {
            "owner": self.database_url,
            "web": self.web_database_url,
            "worker": self.worker_database_url,
            "door": self.door_database_url,
        }[role]
        if own is not None:
            return own.get_secret_value()
        if self.database_url is None:
            return None
        return role_url(self.database_url.get_secret_value(), role, self.master_key_bytes())

    def addresses(self) -> dict[Role, str]:
        """Return the known addresses by role, as ``kernel.db.Database`` takes them; empty when no database was named.

        A process started by ``tandem server`` knows the three application roles and not the owner.
        """
        roles: tuple[Role, ...] = ("owner", *LOGIN_ROLES)
        return {role: address for role in roles if (address := self.address(role)) is not None}

    def master_key_bytes(self) -> bytes:
        """Return the 32-byte master key; the first call on a fresh home makes the file (mode 0600).

        Raises Misconfigured when the key given is not 32 bytes of base64.
        """
        if self.master_key is not None:
            return _decoded(self.master_key.get_secret_value(), "TANDEM_MASTER_KEY")
        path = self.home / "master.key"
        if not path.exists():
            _write_new_key(path)
        return _decoded(path.read_text(encoding="ascii"), str(path))


def role_password(role: Role, master_key: bytes) -> str:
    """Return the password of a Tandem database role: derived from the master key, so it is stored nowhere."""
    return hmac.new(master_key, f"database-role:{role}".encode(), hashlib.sha256).hexdigest()


def role_url(owner_url: str, role: Role, master_key: bytes) -> str:
    """Return the owner's address with another role's name and password; the owner's own for ``owner``."""
    if role == "owner":
        return owner_url
    parts = urlsplit(owner_url)
    host = parts.netloc.rpartition("@")[2]
    login = f"tandem_{role}:{quote(role_password(role, master_key), safe='')}"
    return urlunsplit(parts._replace(netloc=f"{login}@{host}"))


def database_url(url: str, database: str) -> str:
    """Return the address with another database name."""
    # urlunsplit drops an empty host (`postgresql://user:pw@/db?host=/socket`) only when the netloc is empty; it never is here.
    return urlunsplit(urlsplit(url)._replace(path="/" + quote(database, safe="")))


def _decoded(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != MASTER_KEY_BYTES:
        raise Misconfigured(
            "master_key",
            f"{where} 不是 {MASTER_KEY_BYTES} 字节的 base64 主密钥。",
            f"{where} is no master key of {MASTER_KEY_BYTES} bytes in base64.",
        )
    return key


def _write_new_key(path: Path) -> None:
    """Write a fresh key without ever showing a half-written or readable file; a racing process's key wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=path.name, dir=path.parent)  # mode 0600
    draft = Path(name)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(os.urandom(MASTER_KEY_BYTES)) + b"\n")
        os.fsync(file.fileno())
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return this process's settings, read once. Tests call ``settings.cache_clear()`` after changing the environment."""
    return Settings()
