"""The house: rooms on floors, no arrow up, no circle, and who knows which library.

A part is a package or a file at the top of `sklearn_mi`; it imports from floors below its own only.
The tests have the same rooms. Files are short, those of the tests and of the benchmarks too.
"""

import ast
import graphlib
import sys
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

import sklearn_mi

ROOT = Path(sklearn_mi.__file__).parent
TESTS = Path(__file__).parent
BENCHMARKS = TESTS.parent / "benchmarks"

# From what knows least to what knows most. Parts of one floor do not know each other.
FLOORS = [
    ["_version", "exceptions"],
    ["_pool", "losses", "modules"],
    ["_inputs"],
    ["metrics", "_adversary"],
    ["_engine", "datasets"],
    ["model_selection"],
    ["_recipe", "_posterior", "inspection"],
    ["_classifier", "feature_selection"],
    ["decomposition", "generation"],
    ["report", "export"],
    ["__init__", "__main__"],
]
LEVEL = {part: level for level, parts in enumerate(FLOORS) for part in parts}
MOST_PARTS = 22
MOST_LINES = 300
LONG = {"_classifier.py"}  # its docstring

# Libraries that files do not import, not even through another file.
FORBIDDEN = {
    "losses/*": {"sklearn", "skorch", "pandas"},
    "modules/*": {"sklearn", "skorch", "pandas"},
    "metrics/*": {"torch", "skorch"},
    "datasets/*": {"torch", "skorch"},
    "model_selection/*": {"torch", "skorch"},
    "inspection/*": {"torch", "skorch"},
    "feature_selection/*": {"torch", "skorch"},
    "_inputs/*": {"skorch"},
    "_engine/_members.py": {"torch", "skorch"},
    "_engine/_rare_classes.py": {"torch", "skorch", "sklearn"},
    "_adversary/*": {"torch", "skorch", "sklearn"},
    "_pool/*": {"torch", "skorch"},
    "_pool/_[!bcf]*": {"sklearn"},
    "_inputs/_checks.py": {"torch"},
    "_inputs/_bins.py": {"torch", "sklearn"},
    "_inputs/_cells.py": {"torch", "sklearn"},
    "_inputs/_repeated_rows.py": {"torch", "sklearn"},
    "_inputs/_row_[bci]*.py": {"torch", "sklearn"},
    "_inputs/_pixel_units.py": {"torch", "sklearn", "pandas"},
}


def files():
    paths = (path for path in ROOT.rglob("*.py") if "__pycache__" not in path.parts)
    return sorted(str(path.relative_to(ROOT).as_posix()) for path in paths)


def n_lines(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def part_of(file):
    """The package or the file at the top that a file belongs to."""
    return file.split("/")[0].removesuffix(".py")


def imported_names(file):
    """Absolute dotted names of all that a file imports, wherever in the file it does."""
    package = ("sklearn_mi", *file.split("/")[:-1])
    for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else ()
            base = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def file_of(name):
    """The file of the package that a dotted name is in."""
    parts = name.split(".")[1:]
    for n in range(len(parts), -1, -1):
        stem = "/".join(parts[:n])
        for file in (f"{stem}.py", f"{stem}/__init__.py".lstrip("/")):
            if (ROOT / file).is_file():
                return file


@cache
def imports_of(file):
    """Files of the package, and top-level names of others, that a file imports."""
    names = set(imported_names(file))
    ours = {name for name in names if name.split(".")[0] == "sklearn_mi"}
    return {file_of(name) for name in ours} - {file}, {n.split(".")[0] for n in names - ours}


def reach(file, seen=None):
    """Top-level names that a file imports, also through other files."""
    seen = set() if seen is None else seen
    seen.add(file)
    ours, others = imports_of(file)
    return others.union(*(reach(other, seen) for other in ours if other not in seen))


def test_the_table_names_every_part():
    assert sorted(set(map(part_of, files()))) == sorted(LEVEL), "name new parts in FLOORS"
    assert len(LEVEL) <= MOST_PARTS


@pytest.mark.parametrize("file", files())
def test_imports_point_to_floors_below(file):
    part = part_of(file)
    wrong = {
        f for f in imports_of(file)[0] if part_of(f) != part and LEVEL[part_of(f)] >= LEVEL[part]
    }
    assert not wrong, f"{file} may not import {wrong}"


def test_no_file_imports_itself_through_others():
    tuple(graphlib.TopologicalSorter({f: imports_of(f)[0] for f in files()}).static_order())


@pytest.mark.parametrize("file", files())
def test_what_a_file_must_not_know(file):
    forbidden = (libraries for files, libraries in FORBIDDEN.items() if fnmatch(file, files))
    assert not reach(file) & set().union(*forbidden)


@pytest.mark.parametrize("file", files())
def test_a_file_is_one_idea(file):
    if file not in LONG:
        assert n_lines(ROOT / file) <= MOST_LINES


def test_files_of_tests_and_benchmarks_are_one_idea():
    scripts = [*TESTS.rglob("*.py"), *BENCHMARKS.rglob("*.py")]
    assert [path.name for path in scripts if n_lines(path) > MOST_LINES] == []


def test_tests_have_the_same_rooms():
    folders = {path.parent.relative_to(TESTS).as_posix() for path in TESTS.rglob("*.py")}
    rooms = {part.lstrip("_") for part in LEVEL if (ROOT / part).is_dir()}
    assert folders == {".", "classifier", "benchmarks", *rooms}


def test_no_two_files_of_tests_share_a_name():
    """For pytest imports them by that name alone, whatever folder they are in."""
    names = [path.name for path in TESTS.rglob("*.py") if path.name != "conftest.py"]
    assert len(set(names)) == len(names)


def test_private_rooms_load_nothing_by_themselves():
    rooms = [file for file in files() if fnmatch(file, "_*/__init__.py")]
    assert rooms
    assert not any(set().union(*imports_of(file)) for file in rooms)


def test_three_files_know_skorch():
    knowing = [file for file in files() if "skorch" in imports_of(file)[1]]
    assert [Path(file).stem for file in knowing] == ["_callbacks", "_net", "_training"]


@pytest.mark.parametrize("part", ["losses", "modules"])
def test_networks_know_torch_and_numpy_only(part):
    known = reach(f"{part}/__init__.py")
    assert "torch" in known
    assert known - sys.stdlib_module_names <= {"torch", "numpy"}


def test_the_reading_of_imports_finds_them(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    for file in ("losses/new.py", "modules/__init__.py", "losses/b.py", "losses/__init__.py"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).touch()
    (tmp_path / "losses" / "new.py").write_text(
        "import os.path\ndef f():\n    from ..modules import A\n    from . import b\n"
    )
    names = list(imported_names("losses/new.py"))
    assert names == ["os.path", "sklearn_mi.modules.A", "sklearn_mi.losses.b"]
    assert list(map(file_of, names[1:])) == ["modules/__init__.py", "losses/b.py"]
