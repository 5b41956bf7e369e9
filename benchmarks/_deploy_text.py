"""What the lines of `deploy.py run` add up to, as text."""

import numpy as np
from _deploy_models import MODELS

MEGA = 1e6
SIZES = ("bytes", "skops_bytes", "peak_bytes")


def latest(rows):
    """{(table, model): line}, of several lines on the same the last that succeeded."""
    found = {(row["set"], row["model"]): row for row in rows if "error" not in row}
    tables = dict.fromkeys(table for table, _ in found)
    keys = [(table, model) for table in tables for model in MODELS]
    return {key: found[key] for key in keys if key in found}


def seconds_and_ratio(row, what):
    """Median seconds of fits or answers, and the median over rounds of their share of those of
    HistGradientBoosting, which did the same in turn.
    """
    own, hgb = np.array(row["seconds"][what])
    return np.median(own), np.median(own / hgb)


def three_digits(value):
    """A positive number, without powers of ten."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def megabytes(size):
    """Bytes as MB; a dash for what was not or could not be measured."""
    return three_digits(size / MEGA) if isinstance(size, int) else "-"


def title(row):
    """Name and size of a table."""
    return f"{row['set']}: {row['n']:,} rows, {row['d']} columns, {row['classes']} classes"


def timed(row):
    """What was timed: fits, and answers by their number of rows."""
    return [what if what == "fit" else f"{int(what):,} row{'s' * (what != '1')}"
            for what in row["seconds"]]  # fmt: skip


def cells(row):
    """Sizes, peak memory, then seconds and ratio of a fit and of each answer, as text."""
    sizes = [megabytes(row[name]) for name in SIZES]
    pairs = [seconds_and_ratio(row, what) for what in row["seconds"]]
    return sizes, [tuple(map(three_digits, pair)) for pair in pairs]


def show(rows):
    """A block of text for each table, and what failed."""
    found, blocks = latest(rows), []
    for name in dict.fromkeys(table for table, _ in found):
        own = [row for (table, _), row in found.items() if table == name]
        blocks.append("\n".join([*_head(own[0]), *map(_line, own)]))
    failed = [(row["set"], row["model"], row["error"]) for row in rows if "error" in row]
    open_ = [" ".join(each) for each in failed if each[:2] not in found]
    return "\n\n".join([*blocks, *([f"failed: {'; '.join(open_)}"] if open_ else [])])


def _head(row):
    heads = "".join(f"{what:>18}" for what in timed(row))
    under = f"{'seconds':>10}{'ratio':>8}" * len(row["seconds"])
    return [title(row), f"{'MB':24}{'pickle':>8}{'skops':>8}{'peak':>8}{heads}", " " * 48 + under]


def _line(row):
    sizes, pairs = cells(row)
    sizes = "".join(f"{size:>8}" for size in sizes)
    pairs = "".join(f"{seconds:>10}{ratio:>8}" for seconds, ratio in pairs)
    return f"{MODELS[row['model']]:24}{sizes}{pairs}"
