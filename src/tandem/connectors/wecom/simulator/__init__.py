"""A WeCom that runs here: the endpoints, codes and limits that the customer side of a corporation needs."""

from tandem.connectors.wecom.simulator.platform import SECRETS, SETTINGS, SIMULATOR

__all__ = ["SECRETS", "SETTINGS", "SIMULATOR"]
