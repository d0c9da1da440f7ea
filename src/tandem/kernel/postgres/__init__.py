"""PostgreSQL inside Tandem's own environment: found, made, started, adopted, watched and stopped without an operator.

``EmbeddedServer(home)`` is the door; the other modules are its rooms:
``binaries`` finds the programs, ``account`` the unprivileged user that root must start them as, ``place`` says where files
lie, ``tuning`` writes the configuration, ``pidfile`` reads what the server says of itself, ``cluster`` makes the data
directory, ``server`` is the life cycle.
"""

from tandem.kernel.postgres.server import EmbeddedServer, Say, silent

__all__ = ["EmbeddedServer", "Say", "silent"]
