"""Tests; every folder of them is a package, so that none shadows a real one."""
