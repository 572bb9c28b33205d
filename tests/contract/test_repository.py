"""What may not be in the repository, and how its source has to look."""

from __future__ import annotations

import ast
from pathlib import Path
import re
import subprocess

import pytest

from .source import ROOT, Module, integration_modules, modules

LONGEST_FILE = 450
LONGEST_FUNCTION = 60
PYTHON = ("custom_components", "demo", "scripts", "simulator", "tests")

# The backslashes and brackets keep these from finding themselves.
MACHINE_PATHS = re.compile(r"/(?:work|root)/|/tmp/\w|/(?:home|Users)/[a-z]+/")
REGISTRIES = re.compile(r"pypi\.org|python[h]osted|registry\.npmjs|deb\.debian")
SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE[ ]KEY-----|\beyJ[\w-]{16,}\.eyJ[\w-]{16,}\.[\w-]{16,}"
    r"|\bgh[pousr]_\w{30,}|\bAKIA[0-9A-Z]{16}\b"
)


def _files() -> list[Path]:
    """Everything that git tracks, or would."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git is where the system has it
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file()]


def _found(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    return [
        (str(path.relative_to(ROOT)), match[0])
        for path in _files()
        for match in pattern.finditer(path.read_text("utf-8", errors="ignore"))
    ]


def _python() -> list[Module]:
    return [module for folder in PYTHON for module in modules(folder)]


def test_git_lists_the_integration() -> None:
    assert ROOT / "custom_components" / "envoy_local" / "manifest.json" in _files()


@pytest.mark.parametrize("pattern", [MACHINE_PATHS, REGISTRIES, SECRETS])
def test_nothing_of_a_machine_or_a_person_is_in_it(pattern: re.Pattern[str]) -> None:
    assert _found(pattern) == []


def test_patterns_find_what_they_are_for() -> None:
    token = ".".join(f"eyJ{letter * 20}" for letter in "abc")

    assert MACHINE_PATHS.search("see |root|notes".replace("|", "/"))
    assert REGISTRIES.search("https://pypi,org/simple".replace(",", "."))
    assert SECRETS.search("-----BEGIN EC PRIVATE_KEY-----".replace("_", " "))
    assert SECRETS.search(token)


def test_only_the_integration_has_a_manifest() -> None:
    """Hassfest takes every folder with a manifest for an integration."""
    manifests = [path for path in _files() if path.name == "manifest.json"]

    assert [path.parent.name for path in manifests] == ["envoy_local"]


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {module.path.parent for module in modules("tests")}

    assert [str(f) for f in folders if not (f / "__init__.py").is_file()] == []


def test_every_module_says_what_it_is() -> None:
    assert [str(m.path) for m in _python() if not ast.get_docstring(m.tree)] == []


def test_annotations_are_never_evaluated() -> None:
    """Python 3.13 evaluates them where 3.14 doesn't."""
    code = [m for m in _python() if any(map(_is_code, m.tree.body))]

    sign = "from __future__ import annotations"
    assert [str(m.path) for m in code if sign not in m.text] == []


def _is_code(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


@pytest.mark.parametrize(
    "module", integration_modules(), ids=lambda module: module.inside
)
def test_files_and_functions_stay_short(module: Module) -> None:
    functions = [
        node
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    lengths = {f.name: (f.end_lineno or f.lineno) - f.lineno + 1 for f in functions}

    assert module.text.count("\n") <= LONGEST_FILE
    assert {name: n for name, n in lengths.items() if n > LONGEST_FUNCTION} == {}
