"""Who may do what, and to whose rows: tenants, organisation, staff, roles, sessions, API keys, audit trail."""
