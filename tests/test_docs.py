"""The pages of the documentation: code runs, links lead somewhere, no public name is missing."""

import doctest
import importlib
import inspect
import pkgutil
import re
import runpy
from pathlib import Path

import pytest

import sklearn_mi

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(p for p in DOCS.rglob("*.md") if "_build" not in p.parts)]
GUIDE = [DOCS / "start.md", *(p for p in sorted(DOCS.glob("guide/*.md")) if p.stem != "index")]
GENERATED = ("auto_examples/", "generated/")
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def name_of(path):
    return str(path.relative_to(ROOT))


def python_blocks(path):
    """First line and text of each block that is fenced as Python."""
    text = path.read_text(encoding="utf-8")
    for match in re.finditer(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        yield text[: match.start()].count("\n") + 1, match[1]


def run_block(path, line, block, namespace):
    """Run a block, and compare its output where it has prompts; return what went wrong."""
    if ">>> " not in block:
        exec(compile("\n" * line + block, name_of(path), "exec"), namespace)
        return []
    test = doctest.DocTestParser().get_doctest(block, {}, path.name, name_of(path), line)
    test.globs = namespace  # not a copy: later blocks use the names of earlier ones
    said = []
    doctest.DocTestRunner(optionflags=FLAGS).run(test, out=said.append, clear_globs=False)
    return said


@pytest.mark.parametrize("path", [p for p in PAGES if list(python_blocks(p))], ids=name_of)
def test_code_runs_and_gives_what_the_page_says(path):
    namespace = {"__name__": "__main__"}
    for line, block in python_blocks(path):
        said = run_block(path, line, block, namespace)
        assert not said, "".join(said)


def test_a_wrong_output_is_seen():
    said = run_block(DOCS / "page.md", 3, ">>> half = 1 / 2\n>>> half\n0.6\n", {})
    assert "Expected:\n    0.6\nGot:\n    0.5" in "".join(said)


@pytest.mark.parametrize("path", GUIDE, ids=name_of)
def test_page_of_the_guide_has_code_with_its_output(path):
    assert any(">>> " in block for _, block in python_blocks(path))


# --- links ----------------------------------------------------------------------------------------


def links(path):
    """Targets of links and pictures, outside code."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.M)
    text = re.sub(r"`[^`\n]*`", "", text)
    return re.findall(r"\]\(<?([^)>\s]+)", text)


def source_of(path, link):
    """The file that a link leads to; of a generated page or picture the file it is made from."""
    target = (path.parent / link.partition("#")[0]).resolve()
    if not target.is_relative_to(DOCS) or not name_in_docs(target).startswith(GENERATED):
        return target
    example = re.search(r"plot_\d+_\w+?(?=_\d{3}\.png|_thumb\.png|\.|$)", target.name)
    return ROOT / "examples" / (f"{example[0]}.py" if example else "GALLERY_HEADER.rst")


def name_in_docs(path):
    return path.relative_to(DOCS).as_posix()


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_relative_links_lead_to_files(path):
    inner = [link for link in links(path) if not re.match(r"[a-z]+:|#", link)]
    assert [link for link in inner if not source_of(path, link).exists()] == []


# --- names ----------------------------------------------------------------------------------------


def public_modules():
    """sklearn_mi and each of its modules without an underscore."""
    found = pkgutil.iter_modules(sklearn_mi.__path__, "sklearn_mi.")
    return ["sklearn_mi", *(m.name for m in found if not m.name.startswith("sklearn_mi._"))]


def names_in_reference():
    """{module: the names that api.md lists under it}."""
    parts = re.split(r"^\.\. currentmodule:: (\S+)$", (DOCS / "api.md").read_text(), flags=re.M)
    entries = [re.findall(r"^   (\w+)$", text, re.MULTILINE) for text in parts[2::2]]
    return dict(zip(parts[1::2], entries, strict=True))


@pytest.mark.parametrize("name", public_modules())
def test_reference_names_every_public_name_once(name):
    public = set(importlib.import_module(name).__all__) - {"__version__", "TRUSTED_TYPES"}
    assert sorted(names_in_reference().get(name, [])) == sorted(public)


# --- check.py, which follows the links of the built pages -----------------------------------------


@pytest.fixture(scope="module")
def check():
    return runpy.run_path(str(DOCS / "check.py"))["check"]


@pytest.mark.parametrize(
    ("body", "n_broken", "n_loaded"),
    [
        ('<a href="b.html#here">b</a><img src="b.html">', 0, 0),
        ('<a href="c.html">no such page</a>', 1, 0),
        ('<a href="b.html#there">no such anchor</a>', 1, 0),
        ('<a href="https://example.org/">elsewhere</a>', 0, 0),
        ('<script src="https://example.org/a.js"></script>', 0, 1),
        ('<link rel="stylesheet" href="//example.org/a.css">', 0, 1),
        ('<p style="background: url(https://example.org/a.png)">', 0, 1),
    ],
)
def test_check_tells_what_is_broken_and_what_is_loaded(check, tmp_path, body, n_broken, n_loaded):
    (tmp_path / "a.html").write_text(body, encoding="utf-8")
    (tmp_path / "b.html").write_text('<p id="here">', encoding="utf-8")
    _, _, _, broken, loaded = check(tmp_path)
    assert (len(broken), len(loaded)) == (n_broken, n_loaded)


def test_check_reads_styles(check, tmp_path):
    (tmp_path / "a.css").write_text("@import 'https://example.org/font.css';", encoding="utf-8")
    assert len(check(tmp_path)[4]) == 1


# --- measurements ---------------------------------------------------------------------------------

MEASUREMENTS = sorted(DOCS.glob("measurements/*.md"))
RESULTS = ROOT / "benchmarks" / "results"


def arguments_of(directive):
    """What the pages of measurements ask this directive for."""
    texts = [path.read_text(encoding="utf-8") for path in MEASUREMENTS]
    return [name for text in texts for a in re.findall(rf"{{{directive}}} (.*)", text)
            for name in a.split()]  # fmt: skip


@pytest.fixture(scope="module")
def tables():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DOCS / "_ext"))
        yield importlib.import_module("result_tables").TABLES


def test_every_table_of_results_is_on_a_page_once(tables):
    assert sorted(arguments_of("measured")) == sorted(tables)


def test_tables_have_a_cell_of_text_in_every_place(tables):
    for name, make in tables.items():
        head, rows = make()
        assert rows, name
        assert {len(row) for row in rows} == {len(head)}, name
        assert all(isinstance(cell, str) and "|" not in cell for row in rows for cell in row), name


def test_tables_hold_what_the_benchmarks_printed(tables):
    printed = (RESULTS / "tightness.txt").read_text(encoding="utf-8")
    for row in tables["peers"]()[1]:
        assert re.search(rf"{re.escape(row[2])}\b", printed)
    means = re.findall(r"^(\w+) +mean ([\d.]+) +([\d.]+)", printed, re.MULTILINE)
    shown = {row[0]: float(row[2]) for row in tables["peers_by_table"]()[1]}
    assert shown == {name: pytest.approx(float(nats), abs=1e-3) for name, _, nats in means}


def test_readme_has_no_comparison_that_the_page_lacks(tables):
    rows = re.findall(
        r"^\| (.*) \|$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(rows) > 5
    shown = {" | ".join(row) for row in tables["peers"]()[1]}
    assert set(rows[2:]) <= shown


def test_every_result_is_on_a_page_with_command_and_date():
    results = {path.name for path in RESULTS.iterdir()} - {"README.md"}
    index = (RESULTS / "README.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| (.*?) \| \d{4}-\d\d-\d\d \| .+ \|$", index, re.MULTILINE)
    assert sorted(re.findall(r"`([^`]+)`", " ".join(told))) == sorted(results)
    assert sorted(arguments_of("source")) == sorted(results)


def public_docstrings():
    for info in pkgutil.iter_modules(sklearn_mi.__path__):
        module = importlib.import_module(f"sklearn_mi.{info.name}")
        for name in getattr(module, "__all__", []):
            thing = getattr(module, name)
            yield name, inspect.getdoc(thing) or ""
            for method, member in inspect.getmembers(thing if inspect.isclass(thing) else None):
                if not method.startswith("_"):
                    yield f"{name}.{method}", inspect.getdoc(member) or ""


def test_shapes_do_not_read_as_links():
    """A name that ends in an underscore is a link in reStructuredText, if not in backticks."""
    ours = {
        name: re.findall(r"of shape \([^)`]*\w_[,)]", text) for name, text in public_docstrings()
    }
    assert not {name: found for name, found in ours.items() if found}
