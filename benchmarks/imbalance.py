"""Does `pc_softmax` keep rare classes alive better than what users would reach for?

    python benchmarks/imbalance.py run --folder DIR --drop split --out lines.jsonl
    python benchmarks/imbalance.py mnist mnist.npz --out mnist.jsonl
    python benchmarks/imbalance.py table lines.jsonl

run: all tables of the folder whose largest class, once they are read as by tightness.py and sampled
down to `--max-rows` rows, is at least `--ratio` times the smallest. For each seed a stratified
split, three quarters to train on; the seed is also the random state of whatever is fitted. Results
are appended to the file, and those that it holds are not computed again.

ce, focal (gamma 2): cross-entropy and focal loss, the most probable class; `_uniform`: the same
fits, decided as if all classes were equally frequent, as is all that follows. balanced: cross-
entropy with balanced class weights. smote, undersampled: cross-entropy on rows resampled to equal
classes. forest: a balanced random forest. These three need imbalanced-learn. All but the last are
MutualInfoClassifier with default settings; nets_ is without companions.

mi is certified mutual information in nats of the test rows. Probabilities of what was trained on
equal classes are first corrected to the frequencies of the training rows.

mnist: an archive with X_train, y_train, X_test, y_test; images as pixels. Training rows are 300 of
every even digit and 3,000 of every odd one, drawn by the seed; all test images are scored, mi after
correcting the probabilities to their class frequencies. For time, all fits are of `cv=None`.

table: mean ± standard deviation over the seeds, in the last line both averaged over tables.
Differences are paired by table, after averaging over its seeds, with standard errors over tables.
"""

import argparse
import json
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from _comparison import collect, failure_block, standard_error
from _imbalance_models import MAKERS, READINGS, check_names, corrected, decide
from _machine import describe
from scipy.stats import wilcoxon
from sklearn.metrics import accuracy_score, f1_score, recall_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelEncoder
from threadpoolctl import threadpool_limits
from tightness import missing_as_category, numbers, sources, words

from sklearn_mi.metrics import variational_mutual_info_score

METRICS = ["balanced_accuracy", "macro_f1", "mi", "accuracy", "rarest_recall"]
MNIST_MODELS = ["ce", "balanced", "forest", "pc_softmax"]
MNIST_CAPS = [300, 3000]


# --- measuring ------------------------------------------------------------------------------------


def scores(proba, predicted, y, prior, fresh):
    """All metrics of test rows; `prior`, `fresh`: class frequencies of training and test rows."""
    labels = range(len(prior))
    recall = recall_score(y, predicted, average=None, labels=labels, zero_division=0)
    proba = corrected(proba, prior, fresh)
    mi = variational_mutual_info_score(y, proba, labels=labels, class_prior=fresh)
    result = {
        "balanced_accuracy": recall.mean(),
        "macro_f1": f1_score(y, predicted, average="macro"),
        "mi": mi,
        "accuracy": accuracy_score(y, predicted),
        "rarest_recall": recall[prior.argmin()],
    }
    return {name: round(float(value), 4) for name, value in result.items()}


def measure(name, seed, options, X_train, X_test, y_train, y_test, fresh=None):
    """One fit; a row of results for each of its readings."""
    clf = MAKERS[name](seed, **options)
    with threadpool_limits(1):
        start = time.perf_counter()
        clf.fit(X_train, y_train)
        seconds = round(time.perf_counter() - start, 2)
        proba = clf.predict_proba(X_test)
    prior = np.bincount(y_train) / len(y_train)
    fresh = prior if fresh is None else fresh
    for reading, uniform in READINGS[name].items():
        result = scores(proba, decide(proba, prior, uniform), y_test, prior, fresh)
        yield {"model": reading, "n": len(y_train), **result, "fit_seconds": seconds}


def measure_all(table, seed, models, split, out, **options):
    """Append what the file lacks; what fails says so in its row."""
    present = {(row["set"], row["seed"], row["model"]) for row in read(out) if "mi" in row}
    for model in models:
        key = {"set": table, "seed": seed}
        if {(table, seed, reading) for reading in READINGS[model]} <= present:
            continue
        try:
            rows = [key | row for row in measure(model, seed, options, *split)]
        except Exception as error:  # one refusal must not end the run
            rows = [key | {"model": model, "error": repr(error)[:200]}]
        with Path(out).open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)


def read(*paths):
    lines = [x for path in map(Path, paths) if path.exists() for x in path.read_text().splitlines()]
    return [json.loads(line) for line in lines]


# --- tables and images ----------------------------------------------------------------------------


def imbalanced(labels, ratio):
    counts = np.unique(labels, return_counts=True)[1]
    return counts.max() >= ratio * counts.min()


def run(args):
    warnings.simplefilter("ignore")  # of convergence, once for each fit
    for table, load in sources(args).items():
        X, labels = load()
        if not imbalanced(labels, args.ratio):
            print(f"{table}: left out, its classes are not unequal enough")
            continue
        X, y = missing_as_category(X), LabelEncoder().fit_transform(labels)
        for seed in args.seeds:
            split = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
            measure_all(table, seed, args.models, split, args.out)


def imbalanced_rows(y, seed, caps=MNIST_CAPS):
    """Which rows to keep of digits y: for each as many as the cap of even or odd ones, at most."""
    rng = np.random.default_rng(seed)
    rows = [rng.permutation(np.flatnonzero(y == k))[: caps[k % 2]] for k in range(10)]
    return np.sort(np.concatenate(rows))


def mnist(args):
    warnings.simplefilter("ignore")
    data = np.load(args.file)
    y_test = data["y_test"]
    fresh = np.bincount(y_test) / len(y_test)
    flat = {name: data[name].reshape(len(data[name]), -1) / 255.0 for name in ["X_train", "X_test"]}
    for seed in args.seeds:
        rows = imbalanced_rows(data["y_train"], seed, args.caps)
        X = pd.DataFrame(flat["X_train"][rows])
        split = X, pd.DataFrame(flat["X_test"]), data["y_train"][rows], y_test, fresh
        measure_all("mnist", seed, args.models, split, args.out, cv=None)


# --- comparing ------------------------------------------------------------------------------------


def means_block(frame, metric):
    """Mean over the seeds and, where there are several, their standard deviation."""
    frame = frame[["set", "model", metric]]
    over_tables = frame.groupby(["model", "set"], sort=False)[metric].agg(["mean", "std"])
    over_tables = over_tables.groupby("model", sort=False).mean().apply(_cell, axis=1)
    cells = frame.groupby(["set", "model"], sort=False)[metric].agg(["mean", "std"])
    shown = cells.apply(_cell, axis=1).unstack("model", fill_value="-")[over_tables.index]
    shown.loc["MEAN"] = over_tables
    return f"{metric}\n{shown.rename_axis(index=None, columns=None).to_string()}"


def _cell(row):
    return f"{row['mean']:.3f}" + ("" if np.isnan(row["std"]) else f" ±{row['std']:.3f}")


def paired_block(frame, ours):
    """Ours against each other model over the tables that have both."""
    mean = frame.groupby(["model", "set"], sort=False)[METRICS].mean()
    heads = "".join(f"{metric:>19}" for metric in METRICS)
    lines = [f"{ours + ' minus ...':24} tables  won{heads}      p"]
    for model in [name for name in frame["model"].unique() if name != ours]:
        gaps = (mean.loc[ours] - mean.loc[model]).dropna()
        balanced = gaps["balanced_accuracy"]
        cells = [f"{gaps[m].mean():+9.4f} +- {standard_error(gaps[m]):.4f}" for m in METRICS]
        p = wilcoxon(balanced).pvalue if balanced.any() else 1.0
        line = f"{model:24} {len(gaps):6} {(balanced > 0).sum():4}"
        lines.append(line + "".join(f"{cell:>19}" for cell in cells) + f" {p:6.3f}")
    return "\n".join([*lines, "won, and p of Wilcoxon's test: balanced accuracy, by table"])


def table(args):
    rows = read(*args.files)
    cells = collect(rows)
    frame = pd.DataFrame([row for models in cells.values() for row in models.values()])
    order = [reading for model in MAKERS for reading in READINGS[model]]
    frame = frame.sort_values("model", key=lambda names: names.map(order.index), kind="stable")
    seeds = ", ".join(map(str, sorted(frame["seed"].unique())))
    print(describe(), f"{frame['set'].nunique()} tables, seeds {seeds}", sep="\n")
    blocks = [means_block(frame, metric) for metric in METRICS]
    blocks += [paired_block(frame, args.ours), failure_block(rows, cells)]
    print("", *filter(None, blocks), sep="\n\n")


def parse(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("run", help="fits on tables")
    command.add_argument("--folder", help="of CSV files, read as tightness.py does")
    command.add_argument("--target", help="the column to predict, in all files of the folder")
    command.add_argument("--drop", type=words, default=[], help="columns that are no inputs")
    command.add_argument("--openml", type=words, help="names or numbers of tables")
    command.add_argument("--sets", type=words, help="only these tables")
    command.add_argument("--max-rows", type=int, default=4000)
    command.add_argument("--ratio", type=float, default=5.0)
    command.add_argument("--models", type=words, default=list(MAKERS))
    command.set_defaults(do=run)
    _add_common(command)
    command = commands.add_parser("mnist", help="fits on imbalanced MNIST")
    command.add_argument("file", help="mnist.npz")
    command.add_argument("--caps", type=numbers, default=MNIST_CAPS, help="of even, odd digits")
    command.add_argument("--models", type=words, default=MNIST_MODELS)
    command.set_defaults(do=mnist)
    _add_common(command)
    command = commands.add_parser("table", help="compares the models of all files")
    command.add_argument("files", nargs="+")
    command.add_argument("--ours", default="pc_softmax", help="what to compare with the others")
    command.set_defaults(do=table)
    return parser.parse_args(arguments)


def _add_common(command):
    command.add_argument("--seeds", type=numbers, default=[0, 1, 2, 3, 4])
    command.add_argument("--out", required=True, help="JSON lines, appended to")


def main():
    args = parse()
    if hasattr(args, "models"):
        check_names(args.models)
    args.do(args)


if __name__ == "__main__":
    main()
