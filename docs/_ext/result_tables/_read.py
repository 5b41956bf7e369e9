"""What the benchmarks have written, and their own functions to add it up."""

import importlib
import re
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[3]
RESULTS = ROOT / "benchmarks" / "results"
sys.path.insert(0, str(ROOT / "benchmarks"))


def benchmark(name):
    """A script under benchmarks/ as a module."""
    return importlib.import_module(name)


standard_error = benchmark("_comparison").standard_error


def lines_of(*names):
    """The lines of JSON of these results."""
    return benchmark("_robustness_tables").read(*(RESULTS / name for name in names))


def text_of(name):
    return (RESULTS / name).read_text(encoding="utf-8")


def with_error(values, sign=""):
    """Mean ± standard error."""
    return f"{np.mean(values):{sign}.3f} ± {standard_error(values):.3f}"


def cut(name, pattern):
    """The groups of each place in a result that the pattern matches."""
    return [list(found.groups("")) for found in re.finditer(pattern, text_of(name), re.MULTILINE)]
