"""The life of a flow beyond its draft: variants for a time, a second pair of eyes, who else is drawing, export and import."""
