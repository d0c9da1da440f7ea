"""What the platform itself counts of a day: groups by owner, and how advisers worked."""
