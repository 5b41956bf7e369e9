"""Imports point one way: a file imports from layers above its own line in the table, or itself."""

import ast
import sys
from pathlib import Path

import pytest

import sklearn_mi

ROOT = Path(sklearn_mi.__file__).parent

# From what knows least to what knows most. Parts on one line do not know each other.
LAYERS = [
    ["_text", "_frames", "_text_columns", "_words", "_arrays", "_splits", "_fingerprint",
     "_pixel_units"],
    ["_cells"],
    ["_version", "_nested", "_resources", "_members", "_rare_classes", "_repeated_rows",
     "_companions", "_calibration", "_images", "_augmentation", "_threats", "_csv",
     "_table_columns"],
    ["_validation"],
    ["losses", "modules", "metrics", "_noise_calibration", "_report_text"],
    ["_scoring", "_noise_error", "_adversarial_training", "_encoding", "_image_encoding"],
    ["datasets", "model_selection", "_callbacks", "_net", "_columns", "_table", "_report_plot",
     "_input_gradient"],
    ["_training", "_progress"],
    ["_ensemble", "_recipe", "_posterior", "inspection"],
    ["_classifier"],
    ["_report"],
    ["__init__", "__main__"],
]  # fmt: skip
LEVEL = {part: level for level, parts in enumerate(LAYERS) for part in parts}

# What parts do not import, not even through another part.
FORBIDDEN = {
    "losses": {"sklearn", "skorch", "pandas"},
    "modules": {"sklearn", "skorch", "pandas"},
    "metrics": {"torch", "skorch"},
    "datasets": {"torch", "skorch"},
    "model_selection": {"torch", "skorch"},
    "inspection": {"torch", "skorch"},
    "_columns": {"torch", "skorch"},
    "_calibration": {"torch", "skorch", "sklearn"},
    "_noise_calibration": {"torch", "skorch", "sklearn"},
    "_noise_error": {"torch", "skorch", "sklearn"},
    "_companions": {"torch", "skorch"},
    "_members": {"torch", "skorch"},
    "_rare_classes": {"torch", "skorch", "sklearn"},
    "_repeated_rows": {"torch", "skorch", "sklearn"},
    "_cells": {"torch", "skorch", "sklearn"},
    "_frames": {"torch", "skorch", "sklearn"},
    "_encoding": {"skorch"},
    "_image_encoding": {"skorch", "pandas"},
    "_pixel_units": {"torch", "skorch", "sklearn", "pandas"},
    "_images": {"torch", "skorch"},
    "_threats": {"torch", "skorch"},
    "_validation": {"torch", "skorch"},
    "_report_plot": {"torch", "skorch", "sklearn"},
}


def part_of(path):
    """The subpackage or the file that a path belongs to."""
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def parts():
    paths = (path for path in ROOT.rglob("*.py") if "__pycache__" not in path.parts)
    return sorted({part_of(path) for path in paths})


def imported_names(path):
    """Absolute dotted names of all that a file imports, wherever in the file it does."""
    package = ("sklearn_mi", *path.relative_to(ROOT).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else ()
            base = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def imports_of(part):
    """Parts of the package, and top-level names of others, that a part imports."""
    path = ROOT / part
    files = path.rglob("*.py") if path.is_dir() else [path.with_suffix(".py")]
    names = [name.split(".") for file in files for name in imported_names(file)]
    ours = {name[1] for name in names if name[0] == "sklearn_mi" and name[1:]}
    ours = {name if name in LEVEL else "__init__" for name in ours}
    return ours - {part}, {name[0] for name in names} - {"sklearn_mi"}


def reach(part):
    """Top-level names that a part imports, also through other parts."""
    ours, others = imports_of(part)
    return others.union(*map(reach, ours))


def test_the_table_names_every_part():
    assert parts() == sorted(LEVEL), "add new files of the package to LAYERS, at their level"


@pytest.mark.parametrize("part", LEVEL)
def test_imports_point_to_earlier_layers(part):
    wrong = {other for other in imports_of(part)[0] if LEVEL[other] >= LEVEL[part]}
    assert not wrong, f"{part} may not import {wrong}"


@pytest.mark.parametrize("part", FORBIDDEN)
def test_what_a_part_must_not_know(part):
    assert not reach(part) & FORBIDDEN[part]


def test_three_files_know_skorch():
    knowing = [part for part in parts() if "skorch" in imports_of(part)[1]]
    assert knowing == ["_callbacks", "_net", "_training"]


@pytest.mark.parametrize("part", ["losses", "modules"])
def test_networks_know_torch_and_numpy_only(part):
    assert "torch" in reach(part)
    assert reach(part) - sys.stdlib_module_names <= {"torch", "numpy"}


def test_the_reading_of_imports_finds_them(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    file = tmp_path / "losses" / "new.py"
    file.parent.mkdir()
    file.write_text("import os.path\ndef f():\n    from ..modules import A\n    from . import b\n")
    assert list(imported_names(file)) == [
        "os.path",
        "sklearn_mi.modules.A",
        "sklearn_mi.losses.b",
    ]
