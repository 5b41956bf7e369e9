"""Seconds and memory; ways into the package and out of it; wrongs put into the code."""

import re

import pandas as pd

from ._read import benchmark, cut, lines_of, text_of

MILLISECONDS, SECONDS = 1e3, 1.0


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


def devices():
    """Seconds, epochs and estimate on a CPU and on a GPU."""
    number = r"([\d.]+)"
    line = rf"^(\S+ (?:rows|images)\S?(?: networks)?) +(cpu|cuda) +{' +'.join([number] * 5)}$"
    head = ["", "device", "fit, s", "answers, s", "epochs", "nats", "standard error"]
    return head, cut("devices.txt", line)


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


def texts():
    """What each model tells and takes, for each set of texts."""
    kinds = {"tfidf": "sentences, TF-IDF", "counts": "sentences, words and pairs counted"}
    models = {"ours": "this classifier", "lr": "logistic regression", "lr_tuned": "tuned"}
    table, kind = {}, ""
    lines = cut("text.txt", r"^(\w+):|^(\w+) +(\S+) +(\S+) +(\S+) +(\S+) +(\S+)$")
    for title, model, *figures in lines:
        if title:
            kind = kinds.get(title, title)
        else:
            table.setdefault((kind, models.get(model, "the same on components")), figures)
    table = [[*names, *figures] for names, figures in table.items()]
    return ["texts", "model", "nats", "accuracy", "seconds", "to one", "memory, MiB"], table


def deploy():
    """Sizes, peak memory, seconds and ratios of each classifier on each table."""
    text, rows = benchmark("_deploy_text"), []
    scales = {"fit": SECONDS, "1": MILLISECONDS, "1000": MILLISECONDS, "100000": SECONDS}
    for (table, model), line in text.latest(lines_of("deploy.jsonl")).items():
        pairs = [(*text.seconds_and_ratio(line, what), scale) for what, scale in scales.items()]
        shown = [
            f"{text.three_digits(seconds * scale)} ({text.three_digits(ratio)})"
            for seconds, ratio, scale in pairs
        ]
        sizes = [text.megabytes(line[name]) for name in text.SIZES]
        rows.append([table, text.MODELS[model], *shown, *sizes])
    head = ["table", "classifier", "fit, s (ratio)", "1 row, ms", "1,000 rows, ms"]
    return [*head, "100,000 rows, s", "pickle, MB", "skops, MB", "peak, MB"], rows


def deploy_tables():
    """Rows, columns and classes of these tables."""
    lines = {line["set"]: line for line in lines_of("deploy.jsonl")}.values()
    rows = [[line["set"], *(f"{line[key]:,}" for key in ("n", "d", "classes"))] for line in lines]
    return ["table", "rows", "columns", "classes"], rows


def ways_in():
    """Tables by way and outcome, all kinds of columns together."""
    ways = ["CSV", "Parquet", "polars", "rows"]
    (line,) = cut("ways_in.txt", r"^all +(.*)$")
    counts = line[0].split()
    rows = [[way, *counts[4 * k : 4 * k + 4]] for k, way in enumerate(ways)]
    return ["way", "same", "different, and told", "no such way", "silently different"], rows


def onnx_agreement():
    """Classifier and exported graph, a table of data a row."""
    cells = r" +".join([r"(\S+)"] * 9)
    head = ["table", "rows", "columns", "classes", "largest difference", "within 1e-5"]
    head += ["other label", "file, MB", "seconds", "seconds, ONNX"]
    return head, cut("onnx_agreement.txt", rf"^(\w+) +{cells}$")


def mutants():
    """Wrongs put into the code, by the step of a fit that they are in."""
    frame = pd.DataFrame(lines_of("mutants.jsonl"))
    seen = frame.assign(seen=frame["by"].notna() & (frame["by"] != ""))
    by_step = seen.groupby("step", sort=False)["seen"].agg(["size", "sum"])
    by_step.loc["all"] = by_step.sum()
    return ["step", "wrongs put in", "seen by a test"], [
        [step, str(size), str(found)] for step, size, found in by_step.itertuples()
    ]
