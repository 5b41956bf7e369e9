"""What `validity.py fresh` and `validity.py table` do: claims, and what fresh rows say of them."""

import json
import time
import warnings
from functools import partial
from pathlib import Path

import numpy as np
from _fresh_tables import made_tables
from _fresh_verdicts import key, report, side_by_side
from _tables import bundled_tables, folder_tables
from joblib import Parallel, delayed, parallel_config
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from sklearn_mi import MutualInfoClassifier

LEVEL = 0.90  # of the interval; its lower end is a one-sided limit of 95 %


def halves(load, seed):
    """A real table in two parts, each class in proportion."""
    X, y = load()
    rows = np.arange(len(y))
    parts = train_test_split(rows, test_size=0.5, stratify=y, random_state=seed)
    return [(X.iloc[part].reset_index(drop=True), y[part], None) for part in parts]


def mean_and_error(values, groups=None):
    """Mean of rows, and its standard error over rows or groups."""
    if groups is None:
        return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))
    off = np.bincount(np.unique(groups, return_inverse=True)[1], weights=values - values.mean())
    n_groups = len(off)
    return float(values.mean()), float(
        np.sqrt(n_groups / (n_groups - 1) * (off**2).sum()) / len(values)
    )


def against_fresh(clf, X, y, groups=None):
    """What a fitted classifier claims, and its information and accuracy on fresh rows.

    Rows of a class that the fit has not seen are left out and counted.
    """
    known = np.isin(y, clf.classes_)
    X, y, groups = X[known], y[known], None if groups is None else groups[known]
    column = np.searchsorted(clf.classes_, y)
    information = clf.pointwise_mutual_info(X)[np.arange(len(y)), column]
    right = (clf.predict(X) == y).astype(float)
    guess = (column == clf.class_prior_.argmax()).astype(float)
    return {
        "claimed": clf.mutual_info_score_,
        "error": clf.mutual_info_stderr_,
        "low": clf.mutual_info_interval(LEVEL)[0],
        "entropy": clf.label_entropy_,
        **dict(zip(["fresh", "fresh_error"], mean_and_error(information, groups), strict=True)),
        "accuracy": right.mean(),
        "guess": guess.mean(),
        **dict(zip(["gain", "gain_error"], mean_and_error(right - guess, groups), strict=True)),
        "n": len(y),
        "unknown": int((~known).sum()),
    }


def one_split(name, draw, estimators, seed):
    """The line of one table and seed; a fit that fails says so in it."""
    line = {"table": name, "seed": seed, "estimators": estimators}
    start = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            (X, y, groups), fresh = draw(seed)
            clf = MutualInfoClassifier(estimators=estimators, random_state=seed)
            clf.fit(X, y, groups=groups)
            line |= {"n_fit": len(y), **against_fresh(clf, *fresh)}
        except Exception as error:  # one table's refusal must not end the night's run
            line["failed"] = repr(error)[:300]
    line["seconds"] = time.perf_counter() - start
    line["warned"] = _texts(caught)
    return {k: round(float(v), 5) if isinstance(v, float) else v for k, v in line.items()}


def _texts(caught):
    """The warnings, each once, but for those of training that ended early."""
    kept = [w for w in caught if not issubclass(w.category, ConvergenceWarning)]
    return sorted({str(w.message)[:300] for w in kept})


def read(path):
    """The lines of a file of JSON; of the same table and seed the last."""
    path = Path(path)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return list({key(line): line for line in map(json.loads, filter(str.strip, lines))}.values())


def plan(args):
    """Name, source and seed of every split asked for: each table once before any is twice."""
    real = bundled_tables(args.max_rows)
    if args.tables:
        real |= folder_tables(args.tables, None, args.drop, args.max_rows)
    sources = {name: (partial(halves, load), args.seeds) for name, load in real.items()}
    made = made_tables(args.rows, args.fresh_rows)
    sources |= {name: (draw, list(range(args.splits))) for name, draw in made.items()}
    if unknown := set(args.names or sources) - set(sources):
        raise SystemExit(f"no tables {sorted(unknown)} among {', '.join(sources)}")
    chosen = {name: sources[name] for name in args.names or sources}
    rounds = max((len(seeds) for _, seeds in chosen.values()), default=0)
    return [
        (name, draw, seeds[number])
        for number in range(rounds)
        for name, (draw, seeds) in chosen.items()
        if number < len(seeds)
    ]


def run_fresh(args):
    done = {key(line): line for line in read(args.save)} if args.save else {}
    tasks = [
        (name, draw, args.estimators, seed)
        for name, draw, seed in plan(args)
        if (name, seed, args.estimators) not in done
    ]
    lines = list(done.values())
    with parallel_config("loky", n_jobs=args.n_jobs, inner_max_num_threads=1):
        runs = Parallel(return_as="generator")(delayed(one_split)(*task) for task in tasks)
        for line in runs:
            lines.append(line)
            if args.save:
                with open(args.save, "a", encoding="utf-8") as file:
                    print(json.dumps(line), file=file)
    print(report(lines), flush=True)


def run_table(args):
    runs = [read(path) for path in args.files]
    print(report(runs[0]) if len(runs) == 1 else side_by_side(*runs[:2]))


def words(text):
    return text.split(",")


def add_commands(commands, numbers):
    """`fresh` and `table`, for the parser of validity.py."""
    command = commands.add_parser("fresh")
    command.add_argument("--tables", help="a folder of CSV files, as tightness.py takes it")
    command.add_argument("--drop", type=words, default=[], help="columns there that are no inputs")
    command.add_argument("--names", type=words, help="only these tables")
    command.add_argument("--splits", type=int, default=20, help="of each made table")
    command.add_argument("--seeds", type=numbers, default=[0, 1], help="of real tables")
    command.add_argument("--max-rows", type=int, default=4000, help="of real tables, both parts")
    command.add_argument("--rows", type=int, default=800, help="of made tables, to fit on")
    command.add_argument("--fresh-rows", type=int, default=3000, help="of made tables")
    command.add_argument(
        "--estimators",
        type={"auto": "auto", "none": None}.__getitem__,
        default="auto",
        help="none: the networks alone",
    )
    command.add_argument("--save", help="a file for a line of JSON per split, to go on from")
    command.add_argument("--n-jobs", type=int, default=1)
    command.set_defaults(do=run_fresh)
    command = commands.add_parser("table", help="of what fresh saved: of one run, or of two")
    command.add_argument("files", nargs="+", help="before.jsonl, after.jsonl")
    command.set_defaults(do=run_table)
