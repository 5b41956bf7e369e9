"""Seconds and memory; ways into the package; wrongs put into the code."""

import re

import pandas as pd

from ._read import cut, lines_of, text_of


def fit_time():
    """Seconds, and the share of one network, for each number of columns and threads."""
    return _by_block("fit.txt", r"^(\d+ columns, \d thread).*$", "to one network")


def own_networks():
    """The same for a network of the user's, and the share of a bare loop."""
    return _by_block("fit_own.txt", r"^(\d+ columns), \d thread.*$", "to the bare loop")


def frozen_backbone():
    """Seconds, and the share of one pass over the images and a fit of the head."""
    (block,) = re.findall(r"^\d+ images, .*\n((?:  .*\n?)+)", text_of("fit_own.txt"), re.MULTILINE)
    return ["1,000 images, five folds, ten epochs", "seconds", "to pass and head"], _lines(block)


def _by_block(file, title, to):
    text = re.split(r"^\d+ images", text_of(file), flags=re.MULTILINE)[0]
    blocks, figures = re.split(title, text, flags=re.MULTILINE), {}
    for name_of_block, block in zip(blocks[1::2], blocks[2::2], strict=True):
        for name, seconds, ratio in _lines(block):
            figures.setdefault(name, {})[name_of_block] = f"{seconds} ({ratio})"
    titles = list(next(iter(figures.values())))
    return [f"seconds ({to})", *titles], [
        [name, *(found[title] for title in titles)] for name, found in figures.items()
    ]


def _lines(block):
    found = re.findall(r"^  (\S.*?)  +(\S+) +(\S+)$", block, re.MULTILINE)
    return [list(line) for line in found]


def scaling():
    rows = cut("validity_scaling.txt", r"^ +(\d+) +(\S+) +(\d+) +(\d+) +(\d+)$")
    return ["rows", "seconds", "epochs", "peak memory, MiB", "of which by the fit"], rows


def ways_in():
    """Tables by way and outcome, all kinds of columns together."""
    ways = ["CSV", "Parquet", "polars", "rows"]
    (line,) = cut("ways_in.txt", r"^all +(.*)$")
    counts = line[0].split()
    rows = [[way, *counts[4 * k : 4 * k + 4]] for k, way in enumerate(ways)]
    return ["way", "same", "different, and told", "no such way", "silently different"], rows


def mutants():
    """Wrongs put into the code, by the step of a fit that they are in."""
    frame = pd.DataFrame(lines_of("mutants.jsonl"))
    seen = frame.assign(seen=frame["by"].notna() & (frame["by"] != ""))
    by_step = seen.groupby("step", sort=False)["seen"].agg(["size", "sum"])
    by_step.loc["all"] = by_step.sum()
    return ["step", "wrongs put in", "seen by a test"], [
        [step, str(size), str(found)] for step, size, found in by_step.itertuples()
    ]
