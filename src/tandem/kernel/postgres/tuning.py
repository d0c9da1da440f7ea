"""The server's configuration, fitted to the machine."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

MB: Final = 1024 * 1024


@dataclass(frozen=True)
class Machine:
    """What the configuration depends on."""

    memory_bytes: int
    cores: int


def this_machine() -> Machine:
    """Return memory and cores of this machine, or of the container that limits us."""
    memory = psutil.virtual_memory().total
    limit = Path("/sys/fs/cgroup/memory.max")
    if limit.is_file() and (text := limit.read_text(encoding="ascii").strip()).isdigit():
        memory = min(memory, int(text))
    return Machine(memory, os.cpu_count() or 1)


def configuration(machine: Machine, *, durable: bool) -> dict[str, str]:
    """Return the settings; ``durable=False`` is for tests, whose data need not survive the machine."""
    return _for_everyone(machine) | (_durable() if durable else _for_tests())


def _megabytes(machine: Machine, share: int, least: int, most: int) -> str:
    return f"{max(least, min(most, machine.memory_bytes // share // MB))}MB"


def _for_everyone(machine: Machine) -> dict[str, str]:
    return {
        "shared_buffers": _megabytes(machine, 6, 128, 8192),
        "effective_cache_size": _megabytes(machine, 2, 256, 65536),
        "work_mem": _megabytes(machine, 256, 8, 64),
        "maintenance_work_mem": _megabytes(machine, 32, 64, 1024),
        "max_connections": "200",
        # A turn opens the event log's 43 partitions and their indexes; what is over this number goes through the shared table of locks.
        "max_locks_per_transaction": "192",
        # Statements are short and set-based; compiling them costs more than it gives.
        "jit": "off",
        "random_page_cost": "1.1",
        "max_parallel_workers_per_gather": str(max(0, min(2, machine.cores // 2))),
        # A client that stops in the middle of a transaction must not hold locks and old rows for long (engine rule 3).
        "idle_in_transaction_session_timeout": "30s",
        "tcp_keepalives_idle": "10",
        "tcp_keepalives_interval": "5",
        "tcp_keepalives_count": "3",
        # Queue tables turn over quickly: look at them often and clean without long pauses.
        "autovacuum_naptime": "15s",
        "autovacuum_vacuum_cost_delay": "1ms",
        "password_encryption": "scram-sha-256",
        # The supervisor reads the log; it must find the words it looks for whatever the machine's language.
        "lc_messages": "C",
        "log_destination": "stderr",
        "logging_collector": "off",
        "log_line_prefix": "%m [%p] ",
        "log_timezone": "UTC",
        "timezone": "UTC",
        "listen_addresses": "",
        "update_process_title": "off",
    }


def _durable() -> dict[str, str]:
    return {
        "wal_level": "replica",
        # The wheel only has pglz, which cost 15 % of the CPU of moving runs; the disk is cheaper.
        "wal_compression": "off",
        "max_wal_size": "4GB",
        "min_wal_size": "256MB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
    }


def _for_tests() -> dict[str, str]:
    return {
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "shared_buffers": "256MB",
        # Their data often lies in memory.
        "max_wal_size": "512MB",
        "checkpoint_timeout": "1h",
        # Hundreds of small databases come and go; looking through each of their 1,400 relations is for those that last.
        "autovacuum_naptime": "60s",
        # They connect thousands of times, and 4,096 rounds of hashing cost the client three milliseconds each.
        "scram_iterations": "1",
    }


def render(settings: dict[str, str]) -> str:
    """Return the settings as lines of a PostgreSQL configuration file."""
    quoted = (f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in settings.items())
    return (
        "# Written by Tandem at every start; put your own settings in custom.conf beside it.\n"
        + "\n".join(quoted)
        + "\n"
    )
