"""The ledger: from the gateway's raw counters to energy that can be trusted.

Pure: it knows the client's models, and nothing of Home Assistant.
"""

from .ledger import Ledger, without_energies

__all__ = ["Ledger", "without_energies"]
