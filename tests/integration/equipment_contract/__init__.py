"""The full list of entities, with their values, that each recorded gateway makes."""

# Before Home Assistant, whose clock otherwise can't be stopped outside of a test.
from pytest_homeassistant_custom_component import patch_time  # noqa: F401
