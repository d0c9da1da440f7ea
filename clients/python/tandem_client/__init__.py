"""Tandem from Python.

    from tandem_client import Tandem

    with Tandem("https://tandem.example.com", "tk_...") as tandem:
        tandem.events.send_events({"events": [...]})
        for customer in tandem.customers.iter_search_customers(city="上海"):
            print(customer["name"])
"""

from tandem_client._operations import Tandem
from tandem_client.transport import ApiError, Transport
from tandem_client.webhooks import BadSignature, verify

__all__ = ["ApiError", "BadSignature", "Tandem", "Transport", "verify"]
