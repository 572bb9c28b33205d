"""Which of the gateway's many numbers are the site's right ones.

The gateway tells production in up to five places that disagree. The rules here
are those of the field: an enabled meter first, the inverters' own counters
next, and the gateway's sums only where nothing better is.
"""

from .phases import phase_totals
from .site import site_totals

__all__ = ["phase_totals", "site_totals"]
