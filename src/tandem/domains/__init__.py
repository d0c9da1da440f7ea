"""The domains: each brings tables, events, fields, blocks and routes, and changes no engine."""
