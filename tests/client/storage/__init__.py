"""Tests of what the gateway says about batteries and the equipment around them."""
