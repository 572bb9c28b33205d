"""Reads the source for the contract tests: modules, imports, JSON and YAML."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PACKAGE = "custom_components.envoy_local"
INTEGRATION = ROOT / "custom_components" / "envoy_local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One Python file, by the name it is imported under."""

    path: Path
    name: str
    text: str
    tree: ast.Module

    @property
    def package(self) -> str:
        """The package that relative imports start from."""
        is_package = self.path.name == "__init__.py"
        return self.name if is_package else self.name.rpartition(".")[0]

    @property
    def inside(self) -> str:
        """The name below the integration: `sensor.gateway`; its `__init__` has none."""
        return self.name.removeprefix(PACKAGE).removeprefix(".")

    def imports(self) -> Iterator[str]:
        """Yield the absolute name of every module that is imported anywhere in it."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from self._imported_from(node)

    def names_from(self, origin: str) -> set[str]:
        """The names that it imports from a module of the integration."""
        return {
            alias.name
            for node in ast.walk(self.tree)
            if isinstance(node, ast.ImportFrom)
            and f"{PACKAGE}.{origin}" in set(self._imported_from(node))
            for alias in node.names
        }

    def _imported_from(self, node: ast.ImportFrom) -> Iterator[str]:
        origin = node.module or ""
        if node.level:
            parents = self.package.split(".")
            base = ".".join(parents[: len(parents) - node.level + 1])
            origin = f"{base}.{origin}".removesuffix(".")
        for alias in node.names:
            name = f"{origin}.{alias.name}"
            yield name if _is_module(name) else origin


def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


@cache
def modules(folder: str) -> tuple[Module, ...]:
    """Every module below a folder of the repository."""
    found = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        text = path.read_text("utf-8")
        name = ".".join(parts).removesuffix(".__init__")
        found.append(Module(path=path, name=name, text=text, tree=ast.parse(text)))
    return tuple(found)


def integration_modules() -> tuple[Module, ...]:
    """Every module of the integration."""
    return modules("custom_components/envoy_local")


def read_json(*parts: str) -> dict[str, Any]:
    """Read a JSON object of the integration."""
    content = json.loads(INTEGRATION.joinpath(*parts).read_text("utf-8"))
    assert isinstance(content, dict)
    return content


def leaves(tree: object, *path: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every text of nested mappings with the keys that lead to it."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from leaves(value, *path, key)
    else:
        assert isinstance(tree, str), path
        yield path, tree


def keyword_texts(keyword: str) -> dict[str, set[str]]:
    """Every literal text given as this keyword, with the modules it is given in.

    `reason` finds `reason="wrong_gateway"`; `_attr_translation_key` counts as
    `translation_key`. Texts put together at run time aren't seen.
    """
    found: dict[str, set[str]] = {}
    for module in integration_modules():
        for node in ast.walk(module.tree):
            for text in _texts_of(node, keyword):
                found.setdefault(text, set()).add(module.inside)
    return found


def _texts_of(node: ast.AST, keyword: str) -> Iterator[str]:
    if isinstance(node, ast.keyword) and node.arg == keyword:
        yield from _literals(node.value)
    elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = {
            getattr(target, "attr", getattr(target, "id", "")) for target in targets
        }
        if f"_attr_{keyword}" in names:
            yield from _literals(node.value)


def _literals(node: ast.expr) -> Iterator[str]:
    """Yield a literal text, both of `"a" if x else "b"`."""
    if isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
