"""Lists as files: made in the background, masked unless two people agreed, sealed, expiring. Start reading at `service.py`."""
