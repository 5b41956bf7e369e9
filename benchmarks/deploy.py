"""How large is a fitted classifier, how quick are its answers, and how much memory do they take?

    python benchmarks/deploy.py run > mine.jsonl         # a table of make_classification
    python benchmarks/deploy.py run --folder DIR --drop split --sets made,adult > mine.jsonl
    python benchmarks/deploy.py run --models catboost,realmlp_s >> mine.jsonl
    python benchmarks/deploy.py table mine.jsonl

For each table and classifier one process, on one thread, in which the classifier and
HistGradientBoosting do the same in turn: fit, then, pickled and loaded, answer (`predict_proba`)
one row, 1,000 rows and 100,000 rows. Seconds are those of the processor, since other processes make
the clock's longer. A ratio is the median over the rounds of the seconds of the one over the seconds
of the other; that of HistGradientBoosting, beside a second one, shows how far a ratio can be
trusted. Small answers are given several times in a round, of other rows each time, and the median
counts. The rows are those of the fit, repeated where they are too few.

"pickle" and "skops" are sizes in these formats. "peak" is the largest memory of another process
while it answers 100,000 rows, above what it had once the pickle was loaded; these rows count.

"made" is the table of make_classification, three classes; others come from `--folder`, CSV files as
for tightness.py, with tables of more than `--max-rows` rows sampled down. Defaults of all
classifiers, but for the forest of 100 trees. What is not installed is left out with a note; it can
live in an environment of its own, and `table` joins the files.
"""

import argparse
import json
import os
import pickle
import subprocess
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from _deploy_models import MODELS
from _deploy_text import show
from _machine import describe
from _models import available, check_names
from _tables import folder_tables
from pandas.api.types import is_numeric_dtype
from sklearn.datasets import make_classification
from sklearn.preprocessing import LabelEncoder
from tightness import missing_as_category, numbers, words

HERE = Path(__file__).parent
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
ONE_THREAD = dict.fromkeys(THREADS, "1") | {"CUDA_VISIBLE_DEVICES": ""}


def made_table(n_rows):
    return make_classification(
        n_rows, 20, n_informative=10, n_redundant=0, n_classes=3, random_state=0
    )


def plain(load):
    """Inputs and labels of a table as classifiers get them: an array where all are numbers."""
    X, labels = load()
    X, y = missing_as_category(X), LabelEncoder().fit_transform(labels)
    return (X.to_numpy() if all(map(is_numeric_dtype, X.dtypes)) else X), y


def sources(args):
    """The tables asked for, as name -> function that loads."""
    tables = {"made": partial(made_table, args.rows)}
    if args.folder:
        found = folder_tables(args.folder, args.target, args.drop, args.max_rows)
        tables |= {name: partial(plain, load) for name, load in found.items()}
    if unknown := set(args.sets or tables) - set(tables):
        raise SystemExit(f"no tables {sorted(unknown)} among {', '.join(tables)}")
    return {name: tables[name] for name in args.sets or tables}


def models_of(args):
    """The classifiers asked for; by default those that are installed."""
    if unknown := set(args.models or []) - set(MODELS):
        raise SystemExit(f"unknown models {sorted(unknown)}; known are {', '.join(MODELS)}.")
    if args.models:
        check_names(args.models)
        return args.models
    if missing := [name for name in MODELS if name not in available()]:
        print(f"left out, since not installed: {', '.join(missing)}", file=sys.stderr)
    return [name for name in MODELS if name in available()]


def ask(script, *arguments):
    """What a script beside this one prints, run on one thread in a process of its own."""
    command = [sys.executable, HERE / script, *map(str, arguments)]
    done = subprocess.run(command, env=os.environ | ONE_THREAD, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1])
    return json.loads(done.stdout.splitlines()[-1])


def measure(folder, model, args):
    """All figures of one classifier on the table of a folder."""
    answers = ",".join(map(str, args.answers))
    found = ask("_deploy_pair.py", folder, model, args.fits, args.rounds, answers)
    peak = ask("_deploy_memory.py", folder, max(args.answers)) if sys.platform == "linux" else None
    return {**found, "peak_bytes": peak}


def run(args):
    """One line of JSON per table and classifier; what fails says so in its line."""
    models = models_of(args)
    for table, load in sources(args).items():
        X, y = load()
        about = {"set": table, "n": len(X), "d": X.shape[1], "classes": len(set(y))}
        with TemporaryDirectory() as folder:
            (Path(folder) / "table.pkl").write_bytes(pickle.dumps((X, y)))
            for model in models:
                row = {**about, "model": model}
                try:
                    row |= measure(folder, model, args)
                except RuntimeError as error:
                    row["error"] = str(error)[:200]
                print(json.dumps(row), flush=True)


def table(args):
    lines = [line for path in args.files for line in Path(path).read_text().splitlines()]
    print(describe(), end="\n\n")
    print(show([json.loads(line) for line in lines if line.strip()]))


def parse(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("run", help="measures, and writes a line of JSON for each")
    command.add_argument("--folder", help="of CSV files")
    command.add_argument("--target", help="the column to predict, in all files of the folder")
    command.add_argument("--drop", type=words, default=[], help="columns that are no inputs")
    command.add_argument("--sets", type=words, help='only these tables, "made" among them')
    command.add_argument("--models", type=words, help="default: all that are installed")
    command.add_argument("--rows", type=int, default=5000, help='of the table "made"')
    command.add_argument("--max-rows", type=int, default=12_000)
    command.add_argument("--fits", type=int, default=3, help="of each of the two, in turn")
    command.add_argument("--rounds", type=int, default=7, help="of answers in turn")
    command.add_argument("--answers", type=numbers, default=[1, 1000, 100_000], help="their rows")
    command.set_defaults(do=run)
    command = commands.add_parser("table", help="reads such lines and shows them")
    command.add_argument("files", nargs="+")
    command.set_defaults(do=table)
    return parser.parse_args(arguments)


def main():
    args = parse()
    args.do(args)


if __name__ == "__main__":
    main()
