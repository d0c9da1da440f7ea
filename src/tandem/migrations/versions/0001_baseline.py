"""The baseline: everything that create_all makes.

Neither expands nor contracts. Databases are stamped with it when they are built.
"""

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing: create_all runs after the revisions."""
