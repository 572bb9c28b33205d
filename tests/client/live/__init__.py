"""Tests of live power."""
