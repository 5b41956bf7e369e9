"""What `validity.py fresh` and `validity.py table` do: claims, and what fresh rows say of them."""

import json
import time
import warnings
from functools import partial
from pathlib import Path

import numpy as np
from _fresh_tables import made_tables
from _tables import bundled_tables, folder_tables
from joblib import Parallel, delayed, parallel_config
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from sklearn_mi import MutualInfoClassifier

LEVEL = 0.90  # of the interval; its lower end is a one-sided limit of 95 %
FALSE_LIMITS = 0.05
EXPLAINED = (-0.02, 0.005)  # nats, claimed less fresh: a fold trains on four fifths of the rows
TOLD = "stand in the training rows"  # in a warning: no estimate without groups can mend that
FOUND = ("claimed", "error", "low", "entropy", "fresh", "fresh_error", "accuracy", "guess",
         "gain", "gain_error")  # fmt: skip
HEAD = (
    f"{'table':18} {'n':>3} {'claimed':>8} {'limit':>8} {'fresh':>8} {'difference':>17} "
    f"{'false':>6} {'told':>4} {'accuracy':>8} {'guess':>6} {'by errors':>9}"
)


# --- one split ------------------------------------------------------------------------------------


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


# --- verdicts -------------------------------------------------------------------------------------


def key(line):
    return line["table"], line["seed"], line["estimators"]


def is_false(line):
    """Whether the limit is above what fresh rows say, by more than the error of that."""
    return line["low"] - line["fresh_error"] > line["fresh"]


def was_told(line):
    return any(TOLD in text for text in line["warned"])


def of_table(lines):
    """Means over the splits of one table; errors as if these were independent."""
    values = {name: np.array([line[name] for line in lines], float) for name in FOUND}
    mean = {name: each.mean() for name, each in values.items()}
    n = len(lines)
    squares = values["error"] ** 2 + values["fresh_error"] ** 2
    gain_error = np.sqrt((values["gain_error"] ** 2).sum()) / n
    return mean | {
        "n": n,
        "difference": mean["claimed"] - mean["fresh"],
        "difference_error": np.sqrt(squares.sum()) / n,
        "false": sum(map(is_false, lines)),
        "told": sum(is_false(line) and was_told(line) for line in lines),
        "always_told": all(map(was_told, lines)),
        "gain_in_errors": mean["gain"] / gain_error if gain_error else np.sign(mean["gain"]),
    }


def by_table(lines):
    """Summaries of the tables of which a split succeeded, in the order of the lines."""
    tables = {}
    for line in lines:
        if "failed" not in line:
            tables.setdefault(line["table"], []).append(line)
    return {name: of_table(own) for name, own in tables.items()}


def verdicts(tables, failed):
    """The three promises, over all tables: name, whether it is kept, and in words."""
    n = sum(table["n"] for table in tables.values())
    false = sum(table["false"] for table in tables.values())
    told = sum(table["told"] for table in tables.values())
    share = (false - told) / n
    yield (
        "limits",
        share <= FALSE_LIMITS,
        f"95 % limits above fresh rows: {false} of {n}, {told} of them told of repeated rows; "
        f"the others {share:.3f}, allowed {FALSE_LIMITS}",
    )
    silent = [table for table in tables.values() if not table["always_told"]] or [*tables.values()]
    differences = np.array([table["difference"] for table in silent])
    errors = np.array([table["difference_error"] for table in silent])
    mean, error = differences.mean(), np.sqrt((errors**2).sum()) / len(errors)
    low, high = EXPLAINED
    yield (
        "bias",
        low - error <= mean <= high + error,
        f"claimed less fresh: {mean:+.4f} +- {error:.4f} nats, mean of {len(silent)} tables; "
        f"smaller training sets explain {low} to {high:+}",
    )
    worse = {name: t["gain_in_errors"] for name, t in tables.items() if t["gain_in_errors"] < -1}
    named = ", ".join(f"{name} ({gain:.1f})" for name, gain in worse.items()) or "none"
    yield "accuracy", not worse, f"worse than guessing by more than its error: {named}"
    yield "failures", not failed, f"splits without an answer: {failed}"


def report(lines):
    """One line per table, and the verdicts."""
    tables = by_table(lines)
    rows = [HEAD, *(table_line(name, table) for name, table in tables.items())]
    if tables:
        rows += ["", *(_said(*each) for each in verdicts(tables, n_failed(lines)))]
    return "\n".join([*rows, *failures(lines)])


def table_line(name, t):
    return (
        f"{name:18} {t['n']:3} {t['claimed']:8.4f} {t['low']:8.4f} {t['fresh']:8.4f} "
        f"{t['difference']:+8.4f} +-{t['difference_error']:.4f} {t['false']:3}/{t['n']:<2} "
        f"{t['told']:4} {t['accuracy']:8.4f} {t['guess']:6.4f} {t['gain_in_errors']:+9.1f}"
    )


def _said(_, kept, text):
    return f"{'yes' if kept else 'NO':3}  {text}"


def n_failed(lines):
    return sum("failed" in line for line in lines)


def failures(lines):
    """What was refused, each table with its first error."""
    first = {}
    for line in lines:
        if "failed" in line:
            first.setdefault(line["table"], line["failed"])
    return [f"     failed: {name}: {error}" for name, error in first.items()]


def side_by_side(before, after):
    """Two runs, table by table, and the verdicts on each."""
    old, new = by_table(before), by_table(after)
    lines = [f"{'':18} {'before':^36}    {'after':^36}"]
    lines.append(
        f"{'table':18}" + 2 * f" {'claimed':>8} {'fresh':>8} {'false':>6} {'errors':>7}    "
    )
    for name in old | new:
        lines.append(f"{name:18}" + "    ".join(_brief(run.get(name)) for run in (old, new)))
    for title, tables, run in [("before", old, before), ("after", new, after)]:
        lines += ["", title, *(_said(*each) for each in verdicts(tables, n_failed(run)))]
        lines += failures(run)
    return "\n".join(line.rstrip() for line in lines)


def _brief(t):
    if t is None:
        return f" {'-':>8} {'-':>8} {'-':>6} {'-':>7}"
    return (
        f" {t['claimed']:8.4f} {t['fresh']:8.4f} {t['false']:3}/{t['n']:<2} "
        f"{t['gain_in_errors']:+7.1f}"
    )


# --- command line ---------------------------------------------------------------------------------


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
