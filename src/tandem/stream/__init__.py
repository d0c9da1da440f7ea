"""The data-flow engine: door, identity, profile, segments."""
