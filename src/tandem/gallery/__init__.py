"""The gallery: flows and service modules as data, and what installing one asks for."""
