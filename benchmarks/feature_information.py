"""What does each column tell: against known truth, where there is nothing, and in what time?

    python benchmarks/feature_information.py known
    python benchmarks/feature_information.py alarms --replications 200
    python benchmarks/feature_information.py time --folder DIR --drop split

"known": an exclusive or with 5 % flips among 20 columns in 8,000 rows; the same with its first
column copied, each and together; and joint tables of a few columns, enumerated. "off" is the
distance to the truth in the units of what is allowed, 2 standard errors + .02 (.01 for columns that
tell nothing).

"alarms": 400 rows, two true columns, two of independent noise and two of noise that is correlated
with the true ones (.9 and .6). The share of one-sided 5 % limits above 0 among columns that tell
nothing, beyond all others or alone.

"time": seconds of `feature_mutual_info` with both kinds and all columns of a table, of a fit with
`permutation_importance` on held-out rows, and of `compare_mutual_info` over one pipeline for each
subset, of which `--refits` are timed and the rest reckoned from their mean. All on one thread.
"""

import argparse
import time
from functools import partial
from itertools import product

import numpy as np
import pandas as pd
from _machine import describe
from _tables import folder_tables
from sklearn.compose import make_column_transformer
from sklearn.inspection import permutation_importance
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.datasets import make_xor
from sklearn_mi.inspection import feature_mutual_info
from sklearn_mi.model_selection import compare_mutual_info

ALL = ["marginal", "conditional", "shapley", "interaction"]


def flipped(p):
    return ((0, 1 - p), (1, p))


def joint_tables():
    """{name: {(columns, label): probability}}."""
    bits = (0, 1)
    xor = {((a, b), a ^ b ^ f): p / 4 for a, b in product(bits, bits) for f, p in flipped(0.05)}
    chain = {
        ((y ^ e, y ^ e ^ f), y): p * q / 2
        for y in bits
        for e, p in flipped(0.1)
        for f, q in flipped(0.2)
    }
    collider = {
        ((min(y + a, 1) ^ e, a, b), y): p / 8
        for y, a, b in product(bits, bits, bits)
        for e, p in flipped(0.1)
    }
    copied = {((a, b, a), y): p for ((a, b), y), p in xor.items()}
    return {"xor": xor, "xor copied": copied, "chain": chain, "collider, noise": collider}


def information(joint, columns):
    """I(X_S; Y) of some columns, by enumeration."""
    table = {}
    for (x, y), p in joint.items():
        cell = tuple(x[j] for j in columns), y
        table[cell] = table.get(cell, 0.0) + p
    p = pd.Series(table).unstack(fill_value=0.0).to_numpy()
    q, seen = p.sum(axis=1, keepdims=True) * p.sum(axis=0), p > 0
    return float((p[seen] * np.log(p[seen] / q[seen])).sum())


def draw(joint, n_rows, seed=0):
    cells = list(joint)
    chosen = np.random.default_rng(seed).choice(len(cells), n_rows, p=list(joint.values()))
    return np.array([cells[c][0] for c in chosen]), np.array([cells[c][1] for c in chosen])


def show(name, values, errors, truth, slack=0.02):
    values, errors, truth = np.broadcast_arrays(values, errors, truth)
    off = np.abs(values - truth) / (2 * errors + slack)
    figures = " ".join(
        f"{v:.3f}+-{e:.3f}({t:.3f})" for v, e, t in zip(values, errors, truth, strict=True)
    )
    print(f"  {name:12} off {off.max():4.2f}  {figures}", flush=True)


def show_table(name, joint, n_rows, options):
    X, y = draw(joint, n_rows)
    r = feature_mutual_info(X, y, kind=ALL, **options)
    columns = list(range(X.shape[1]))
    alone = [information(joint, [j]) for j in columns]
    total = information(joint, columns)
    beyond = [total - information(joint, [k for k in columns if k != j]) for j in columns]
    together = [information(joint, [i, j]) - alone[i] - alone[j] for i, j in r.pairs]
    print(
        f"{name}, {n_rows} rows: estimate+-standard error(truth); sum of Shapley values less "
        f"total {r.shapley.sum() - r.total:.1e}"
    )
    show("total", [r.total], [r.total_stderr], total)
    for kind, truth in (("marginal", alone), ("conditional", beyond), ("interaction", together)):
        show(kind, r[kind], r[f"{kind}_stderr"], truth)


def known(args):
    options = {"n_jobs": args.n_jobs, "random_state": 0}
    for name, joint in joint_tables().items():
        show_table(name, joint, args.rows // 2, options)
    truth = np.log(2) + 0.05 * np.log(0.05) + 0.95 * np.log(0.95)
    X, y = make_xor(args.rows, 20, random_state=0)
    start = time.perf_counter()
    r = feature_mutual_info(X, y, **options)
    print(f"xor among 20 columns, {args.rows} rows, {time.perf_counter() - start:.0f} s")
    show("both", r.conditional[:2], r.conditional_stderr[:2], truth, slack=0.0)
    show("others", r.conditional[2:], r.conditional_stderr[2:], 0.0, slack=0.01)
    show("alone", r.marginal, r.marginal_stderr, 0.0, slack=0.01)
    X = np.c_[X, X[:, 0]]
    groups = {"first": 0, "copy": 20, "both": [0, 20], "second": 1}
    r = feature_mutual_info(X, y, kind="conditional", feature_groups=groups, **options)
    print("the same with the first column copied: first, copy; both together, second")
    show("each", r.conditional[:2], r.conditional_stderr[:2], 0.0, slack=0.01)
    show("together", r.conditional[2:], r.conditional_stderr[2:], truth, slack=0.0)


def noisy_columns(seed, n_rows=400):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n_rows, 6))
    y = (rng.random(n_rows) < 1 / (1 + np.exp(-2 * X[:, 0] - 1.5 * X[:, 1]))).astype(int)
    X[:, 4] = 0.9 * X[:, 0] + np.sqrt(1 - 0.81) * X[:, 4]
    X[:, 5] = 0.6 * X[:, 1] + 0.8 * X[:, 5]
    return X, y


def alarms(args):
    """Two-sided 90 % intervals, whose lower end is a one-sided 5 % limit."""
    groups, found = [2, 3, 4, 5], []
    for seed in range(args.replications):
        X, y = noisy_columns(seed)
        options = {"feature_groups": groups, "confidence_level": 0.9, "n_jobs": args.n_jobs}
        found.append(feature_mutual_info(X, y, random_state=seed, **options))
    low = {kind: np.array([r[f"{kind}_low"] for r in found]) for kind in ALL[:2]}
    print(f"{args.replications} replications of 400 rows: share of limits above 0")
    print("conditional, independent noise", (low["conditional"][:, :2] > 0).mean(axis=0))
    print("conditional, correlated noise ", (low["conditional"][:, 2:] > 0).mean(axis=0))
    print("marginal, independent noise   ", (low["marginal"][:, :2] > 0).mean(axis=0))


def of_columns(names):
    """The default classifier on some columns of a frame."""
    chosen = make_column_transformer(("passthrough", list(names)), verbose_feature_names_out=False)
    clf = MutualInfoClassifier(n_threads=1, random_state=0)
    return make_pipeline(chosen.set_output(transform="pandas"), clf)


def stopwatch(function):
    """Seconds by the wall and of the processor, of which other processes take none."""
    wall, cpu = time.perf_counter(), time.process_time()
    function()
    return np.array([time.perf_counter() - wall, time.process_time() - cpu])


def permute(X, y):
    fitted, held, known, labels = train_test_split(X, y, stratify=y, random_state=0)
    clf = MutualInfoClassifier(n_threads=1, random_state=0).fit(fitted, known)
    permutation_importance(clf, held, labels, scoring="neg_log_loss", random_state=0)


def timed(args):
    """One half of the refits leave a column out, one half are of a column alone, as in all."""
    tables = folder_tables(args.folder, args.target, args.drop, max_rows=args.max_rows)
    ours = MutualInfoClassifier(n_threads=1)
    for name in args.tables:
        X, y = tables[name]()
        names, n_subsets = list(X), 2 * X.shape[1] + 1
        subsets = [names[1:], names[:1], names[:-1], names[-1:]][: args.refits]
        refits = {str(k): of_columns(subset) for k, subset in enumerate(subsets)}
        share = n_subsets / len(subsets)
        asked = partial(feature_mutual_info, X, y, estimator=ours, random_state=0)
        for what, function, factor in [
            ("feature_mutual_info", asked, 1),
            ("permutation_importance", partial(permute, X, y), 1),
            (f"refits, from {len(subsets)}", partial(compare_mutual_info, refits, X, y), share),
        ]:
            wall, cpu = factor * stopwatch(function)
            print(
                f"{name:12} {n_subsets:3} subsets  {what:24} {wall:7.0f} s {cpu:7.0f} s of CPU",
                flush=True,
            )


def parse(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["known", "alarms", "time"])
    parser.add_argument("--rows", type=int, default=8000)
    parser.add_argument("--replications", type=int, default=200)
    parser.add_argument("--folder")
    parser.add_argument("--target")
    parser.add_argument("--drop", type=lambda text: text.split(","), default=[])
    parser.add_argument("--tables", type=lambda t: t.split(","), default=["adult", "thyroid0387"])
    parser.add_argument("--max-rows", type=int, default=5000)
    parser.add_argument("--refits", type=int, default=2)
    parser.add_argument("--n-jobs", type=int)
    return parser.parse_args(arguments)


def main():
    args = parse()
    print(describe())
    {"known": known, "alarms": alarms, "time": timed}[args.what](args)


if __name__ == "__main__":
    main()
