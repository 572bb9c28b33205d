"""Icons: well-formed, for entities that exist, for those that need one."""

from __future__ import annotations

import re

from .descriptions import descriptions
from .source import leaves, read_json

MDI = re.compile(r"mdi:[a-z0-9]+(-[a-z0-9]+)*")


def test_every_icon_is_a_material_design_icon() -> None:
    for path, icon in leaves(read_json("icons.json")):
        assert MDI.fullmatch(icon), path


def test_every_icon_belongs_to_an_entity() -> None:
    names = read_json("translations", "en.json")["entity"]

    for platform, icons in read_json("icons.json")["entity"].items():
        assert set(icons) <= set(names[platform]), platform


def test_a_state_has_an_icon_only_where_it_differs() -> None:
    for platform, icons in read_json("icons.json")["entity"].items():
        for key, icon in icons.items():
            states = icon.get("state", {})
            assert "default" in icon, (platform, key)
            assert icon["default"] not in states.values(), (platform, key)


def test_every_entity_without_a_device_class_has_an_icon() -> None:
    icons = read_json("icons.json")["entity"]
    bare = [
        (platform, str(description.translation_key))
        for platform, description in descriptions()
        if getattr(description, "device_class", None) is None
    ]

    assert [(p, key) for p, key in bare if key not in icons.get(p, {})] == []
