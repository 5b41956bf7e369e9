"""What the lines of `tightness.py run` add up to, as text.

A cell is one table at one seed. Differences are shares of H(Y), the label entropy of the table. The
seeds of one table are splits of the same rows and no independent evidence: means, standard errors
and p-values are over tables, after averaging each over its seeds; wins are counted by cell.
"""

import numpy as np
from _models import is_ours
from scipy.stats import wilcoxon


def collect(rows):
    """{(table, seed): {model: row}}; of several rows on the same, the last that succeeded."""
    cells = {}
    for row in rows:
        if "mi" in row:
            cells.setdefault((row["set"], row["seed"]), {})[row["model"]] = row
    return dict(sorted(cells.items()))


def failures(rows, cells):
    """(model, table, seed) of what failed and was not run again with success."""
    keys = [(row["model"], row["set"], row["seed"]) for row in rows if "error" in row]
    done = {(model, *cell) for cell, models in cells.items() for model in models}
    return [key for key in dict.fromkeys(keys) if key not in done]


def models_of(cells, ours):
    """All models, `ours` first."""
    names = dict.fromkeys(model for models in cells.values() for model in models)
    return sorted(names, key=lambda name: name != ours)


def against_best(cells, ours):
    """For each cell with both: ours minus the best peer, and whether that is within its s.e."""
    gaps, close = {}, []
    for cell, models in cells.items():
        peers = [row for name, row in models.items() if not is_ours(name)]
        if ours in models and peers:
            best = max(peers, key=lambda row: row["mi"])
            gaps[cell] = (models[ours]["mi"] - best["mi"]) / best["entropy"]
            close.append(models[ours]["mi"] >= best["mi"] - best["se"])
    return gaps, close


def paired(cells, ours, peer):
    """Ours against one peer over the cells that have both; None if there are none."""
    pairs = {cell: (row[ours], row[peer]) for cell, row in cells.items() if {ours, peer} <= {*row}}
    if not pairs:
        return None

    def differences(key):
        return {cell: a[key] - b[key] for cell, (a, b) in pairs.items()}

    gaps = {cell: gap / pairs[cell][0]["entropy"] for cell, gap in differences("mi").items()}
    by_table = over_seeds(gaps)
    return {
        "cells": len(pairs),
        "tables": len(by_table),
        "gap": by_table.mean(),
        "error": standard_error(by_table),
        "won": sum(gap > 0 for gap in gaps.values()),
        "lost": sum(gap < 0 for gap in gaps.values()),
        "p": wilcoxon(by_table).pvalue if by_table.any() else 1.0,
        "accuracy": over_seeds(differences("accuracy")).mean(),
        "balanced_accuracy": over_seeds(differences("balanced_accuracy")).mean(),
        "seconds": [sum(pair[i]["fit_seconds"] for pair in pairs.values()) for i in (0, 1)],
    }


def over_seeds(values):
    """Mean of each table over its seeds, from {(table, seed): value}."""
    tables = dict.fromkeys(table for table, _ in values)
    return np.array(
        [np.mean([v for (name, _), v in values.items() if name == table]) for table in tables]
    )


def standard_error(values):
    return np.std(values, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan


def disasters(cells, ours, floor="logreg"):
    """Ours minus the floor for each cell, and the cells where it lies more than one s.e. below."""
    both = {cell: row for cell, row in cells.items() if {ours, floor} <= {*row}}
    gaps = {cell: row[ours]["mi"] - row[floor]["mi"] for cell, row in both.items()}
    return gaps, [cell for cell, gap in gaps.items() if gap < -both[cell][floor]["se"]]


# --- text -----------------------------------------------------------------------------------------


def compare(rows, ours="ours"):
    """All comparisons of the rows."""
    cells = collect(rows)
    models = models_of(cells, ours)
    if ours not in models:
        raise SystemExit(f"no results of {ours!r}; there are {', '.join(models) or 'none'}.")
    blocks = [table_block(cells, models), best_block(cells, ours), paired_block(cells, models)]
    blocks += [disaster_block(cells, ours), own_block(cells, ours), failure_block(rows, cells)]
    return "\n\n".join(block for block in blocks if block)


def table_block(cells, models):
    """A line for each cell and, where a table has several seeds, the mean over them."""
    widths = [max(9, len(name) + 2) for name in models]
    heads = [f"{name:>{width}}" for name, width in zip(models, widths, strict=True)]
    lines = [f"{'nats':24} seed  H(Y)" + "".join(heads)]
    for table in dict.fromkeys(table for table, _ in cells):
        seeds = {seed: row for (name, seed), row in cells.items() if name == table}
        for seed, row in seeds.items():
            figures = [row[name]["mi"] if name in row else np.nan for name in models]
            lines.append(_table_line(table, seed, row, figures, widths))
        if len(seeds) > 1:
            # NaN where a model lacks a seed: a mean over other seeds would not compare.
            means = [
                np.mean([row[name]["mi"] if name in row else np.nan for row in seeds.values()])
                for name in models
            ]
            lines.append(_table_line(table, "mean", row, means, widths))
    return "\n".join(lines)


def _table_line(table, seed, row, figures, widths):
    entropy = next(iter(row.values()))["entropy"]
    shown = ["-" if np.isnan(mi) else f"{mi:.4f}" for mi in figures]
    shown = [f"{text:>{width}}" for text, width in zip(shown, widths, strict=True)]
    return f"{table[:24]:24} {seed:>4} {entropy:5.3f}{''.join(shown)}"


def best_block(cells, ours):
    gaps, close = against_best(cells, ours)
    if not gaps:
        return ""
    by_table = over_seeds(gaps)
    return (
        f"{ours} minus the best peer of each cell, share of H(Y): mean {by_table.mean():+.4f} "
        f"+- {standard_error(by_table):.4f} over {len(by_table)} tables\n"
        "(the best is known by the same held-out rows, which favours the peers)\n"
        f"above its figure less its standard error: {sum(close)} of {len(close)} cells\n"
        f"above its figure: {sum(gap > 0 for gap in gaps.values())} of {len(gaps)} cells"
    )


def paired_block(cells, models):
    """Ours, the first of the models, against each other one."""
    ours, *others = models
    lines = [
        f"{ours + ' minus ...':18} tables cells  mi/H(Y)    s.e.  won-lost Wilcoxon p "
        f"accuracy balanced  seconds    theirs"
    ]
    for peer in others:
        if result := paired(cells, ours, peer):
            won = f"{result['won']}-{result['lost']}"
            mine, theirs = result["seconds"]
            lines.append(
                f"{peer[:18]:18} {result['tables']:6} {result['cells']:5} {result['gap']:+8.4f} "
                f"{result['error']:7.4f} {won:>9} {result['p']:10.4f} {result['accuracy']:+8.4f} "
                f"{result['balanced_accuracy']:+8.4f} {mine:8.1f} {theirs:9.1f}"
            )
    return "\n".join(lines) if len(lines) > 1 else ""


def disaster_block(cells, ours):
    gaps, below = disasters(cells, ours)
    if not gaps:
        return ""
    worst = min(gaps, key=gaps.get)
    listed = ": " + ", ".join(f"{table} ({seed})" for table, seed in below) if below else ""
    return (
        f"{ours} below logreg by more than its standard error: {len(below)} of {len(gaps)} cells"
        f"{listed}\nleast difference to logreg {gaps[worst]:+.4f} nats, "
        f"{worst[0]} at seed {worst[1]}"
    )


def own_block(cells, ours):
    """Whether the classifier's own estimate, from training rows, is what held-out rows give."""
    rows = {cell: row[ours] for cell, row in cells.items() if "own_estimate" in row.get(ours, {})}
    if not rows:
        return ""
    gaps = over_seeds({cell: row["own_estimate"] - row["mi"] for cell, row in rows.items()})
    return (
        f"mutual_info_score_ minus the held-out figure: mean {gaps.mean():+.4f} "
        f"+- {standard_error(gaps):.4f} nats over {len(gaps)} tables"
    )


def failure_block(rows, cells):
    failed = [f"{model} on {table} ({seed})" for model, table, seed in failures(rows, cells)]
    return f"failed: {', '.join(failed)}" if failed else ""
