"""Bring a database to the current schema.

The models are the source. ``kernel.roles.create_all`` makes what is missing (tables, indexes, partitions, functions, policies,
grants) and may be repeated; the revisions in ``versions/`` carry only what it cannot know: changes to tables that already hold
rows. A fresh database is therefore built at once and stamped, an older one first walks the revisions. Revisions expand in one
release and contract in the next (ENGINE_RULES 17), because workers of two versions run side by side meanwhile.
"""

from tandem.migrations.run import Outcome, migrate

__all__ = ["Outcome", "migrate"]
