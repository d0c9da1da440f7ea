"""File import: a CSV file becomes records that go through the ordinary door."""
