"""The browser's door: `POST /v1/beacon`, called by a snippet on a company's own web site. Start reading at `door.py`."""
