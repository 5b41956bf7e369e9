"""How much information does each classifier certify on real tables?

    python benchmarks/tightness.py run > mine.jsonl      # the tables that scikit-learn ships
    python benchmarks/tightness.py run --folder DIR --seeds 0,1 --models ours,hgb > mine.jsonl
    python benchmarks/tightness.py run --openml adult,credit-g >> mine.jsonl
    python benchmarks/tightness.py table mine.jsonl      # compares all models of all files

The figure is the mean of log q(y|x) - log p(y) over held-out rows, in nats, with p the class
frequencies of the training rows: for any classifier q, in expectation, a lower bound on I(X; Y).

Protocol: for each seed a stratified split, three quarters to train on. Classes under 8 rows are
dropped, tables of more than `--max-rows` rows sampled down. A missing category is a category of its
own. Probabilities below 1e-12 count as 1e-12. Fits come one after another, each on `--threads`
threads; their seconds compare if all come from one machine with nothing else to do.

`--folder` takes CSV files. The target is `--target`, or else a column "target", "class" or "y", or
else the last; meta.json, if there is one, tells which columns are categories, as
{table: {"categorical": [column, ...]}}. `--models` may name a loss, as in ours:pc_softmax; by
default all run whose packages are installed: lightgbm for lgbm, catboost, pytabkit for realmlp_s,
realmlp and tabm. These can live in an environment of their own; `table` joins the files.
"""

import argparse
import json
import time
import warnings
from pathlib import Path

import numpy as np
from _comparison import compare
from _machine import describe
from _models import available, check_names, make
from _tables import bundled_tables, folder_tables, openml_tables
from sklearn.metrics import accuracy_score, balanced_accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelEncoder
from threadpoolctl import threadpool_limits

LEAST_PROBABILITY = 1e-12


def missing_as_category(X):
    """A copy for which every library can be asked: plain names, no category missing."""
    X = X.set_axis([f"x{i}" for i in range(X.shape[1])], axis=1)
    for name in X.select_dtypes("category"):
        column = X[name].cat.add_categories("missing").fillna("missing")
        X[name] = column.cat.remove_unused_categories()
    return X


def pointwise_information(proba, y, prior):
    """log q(y|x) - log p(y) of each row, in nats."""
    q = np.clip(proba, LEAST_PROBABILITY, 1)
    q /= q.sum(axis=1, keepdims=True)
    return np.log(q[np.arange(len(y)), y] / prior[y])


def measure(name, X, y, seed, n_threads):
    """Fit one classifier on one split and score it on the other rows."""
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=0.25, stratify=y, random_state=seed
    )
    clf = make(name, X_train, n_threads)  # here, so that its library is loaded before the limit
    with threadpool_limits(n_threads):
        start = time.perf_counter()
        clf.fit(X_train, y_train)
        seconds = time.perf_counter() - start
    prior = np.bincount(y_train) / len(y_train)
    pointwise = pointwise_information(clf.predict_proba(X_test), y_test, prior)
    predicted = np.ravel(clf.predict(X_test))
    if not np.isfinite(pointwise).all():
        raise ValueError("probabilities that are not finite")
    result = {
        "mi": pointwise.mean(),
        "se": pointwise.std() / np.sqrt(len(y_test)),
        "entropy": -(prior @ np.log(prior)),
        "accuracy": accuracy_score(y_test, predicted),
        "balanced_accuracy": balanced_accuracy_score(y_test, predicted),
        "fit_seconds": seconds,
    }
    if hasattr(clf, "mutual_info_score_"):
        result["own_estimate"] = clf.mutual_info_score_
    return {"n": len(y_train), **{key: round(float(value), 4) for key, value in result.items()}}


def sources(args):
    """The tables asked for, as name -> function that loads."""
    tables = {}
    if args.folder:
        tables |= folder_tables(args.folder, args.target, args.drop, args.max_rows)
    if args.openml:
        tables |= openml_tables(args.openml, args.max_rows)
    tables = tables or bundled_tables(args.max_rows)
    if unknown := set(args.sets or tables) - set(tables):
        raise SystemExit(f"no tables {sorted(unknown)} among {', '.join(tables)}")
    return {name: tables[name] for name in args.sets or tables}


def run(args):
    """One line of JSON per table, seed and model; what fails says so in its line."""
    models = args.models or available()
    check_names(models)
    warnings.simplefilter("ignore")  # of convergence and unseen categories, once for each fit
    for table, load in sources(args).items():
        X, labels = load()
        X, y = missing_as_category(X), LabelEncoder().fit_transform(labels)
        for seed in args.seeds:
            for model in models:
                row = {"set": table, "model": model, "seed": seed}
                try:
                    row |= measure(model, X, y, seed, args.threads)
                except Exception as error:  # one library's refusal must not end the night's run
                    row["error"] = repr(error)[:200]
                print(json.dumps(row), flush=True)


def table(args):
    lines = [line for path in args.files for line in Path(path).read_text().splitlines()]
    print(describe())
    print(compare([json.loads(line) for line in lines if line.strip()], args.ours))


def words(text):
    """a,b,c as a list."""
    return text.split(",")


def numbers(text):
    return [int(word) for word in text.split(",")]


def parse(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("run", help="fits, and writes a line of JSON for each")
    command.add_argument("--folder", help="of CSV files")
    command.add_argument("--target", help="the column to predict, in all files of the folder")
    command.add_argument("--drop", type=words, default=[], help="columns that are no inputs")
    command.add_argument("--openml", type=words, help="names or numbers of tables")
    command.add_argument("--sets", type=words, help="only these tables")
    command.add_argument("--models", type=words, help="default: all that are installed")
    command.add_argument("--seeds", type=numbers, default=[0], help="of the splits")
    command.add_argument("--max-rows", type=int, default=12_000)
    command.add_argument("--threads", type=int, default=1, help="of every library")
    command.set_defaults(do=run)
    command = commands.add_parser("table", help="reads such lines and compares")
    command.add_argument("files", nargs="+")
    command.add_argument("--ours", default="ours", help="the model to compare with the others")
    command.set_defaults(do=table)
    return parser.parse_args(arguments)


def main():
    args = parse()
    args.do(args)


if __name__ == "__main__":
    main()
