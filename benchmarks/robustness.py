"""How much accuracy and information survive an adversary, and are the attacks as strong as others?

    python benchmarks/robustness.py images mnist.npz fashion_mnist.npz --out lines.jsonl
    python benchmarks/robustness.py tables --folder DIR --out lines.jsonl
    python benchmarks/robustness.py art mnist.npz --out lines.jsonl
    python benchmarks/robustness.py table lines.jsonl

Each model is fitted to training rows, and `adversarial_robustness` attacks test rows within L-inf
balls. Models: ce; ce_smoothed, cross-entropy towards labels of which a tenth is spread over all
classes; gccs; and ce_adversarial and gccs_adversarial, which are trained on adversarial rows within
`--training-eps`. Networks alone; of tables also "pool", the default with its companions; of images
also ce_flat and ce_flat_adversarial, whose linear layer tells 7 x 7 places apart.

images: the archives hold X_train, y_train, X_test, y_test; images are uint8, (n, 28, 28). `--rows`
training images and `--test-rows` test images, drawn by the seed; one network (`cv=None`); radii in
shares of the range of pixels. tables: tables of the folder, sampled down to `--rows` rows, of which
three in ten are test rows and at most `--test-rows` of these attacked; five folds; radii in
standard deviations of the training rows, and numbers alone move. The seed draws rows, networks and
attacks.

table: accuracy and nats at each radius by the worst of all attacks, mean ± standard error over the
seeds, of tables over tables too. "own nats" is mutual_info_score_, s are seconds. "slopes" is the
lower accuracy by the two attacks that climb slopes, "square" that by the one which does not: where
it is lower, slopes are masked. Last the attack with the lowest accuracy at the largest radius.

art: the same attacks against Auto-PGD, of both objectives, and Square of the Adversarial Robustness
Toolbox (ART), with as many steps, random starts and queries, on the same fit and rows, judged by
`predict`. Ours also go up from what they found at the radius before; what ART finds at a smaller
radius counts at a larger one too. "only_ours" and "only_art" count rows that are wrong by one and
right by the other, "agree" is the share of rows of which `predict` and the module that ART sees say
the same. ART has to be installed.

Results are appended to the file, and those that it holds are not computed again.
"""

import argparse
import json
import time
import warnings
from functools import partial
from pathlib import Path

import numpy as np
from _machine import describe
from _robustness_art import agreement, check_installed, still_right
from _robustness_models import MODELS, POOL, check_names, full_name, make_model
from _robustness_tables import key, read, show
from _tables import folder_tables
from images import load
from sklearn.model_selection import train_test_split
from tightness import numbers, words

from sklearn_mi.inspection import adversarial_robustness

SETS = ["phoneme", "vehicle", "segment", "dry_bean", "yeast"]  # 2, 4, 7, 7 and 9 classes


# --- rows -----------------------------------------------------------------------------------------


def draw_images(archive, args, seed):
    """Training images and labels, those to attack and their labels; options of the classifier."""
    X, y, X_test, y_test = load(archive, args.rows, seed)
    drawn = np.random.RandomState(seed).permutation(len(y_test))[: args.test_rows]
    return X, y, X_test[drawn], y_test[drawn], None


def draw_table(load_table, args, seed):
    """The same of a table, with what eps = 1 means for each column."""
    X, y = load_table()
    X, X_test, y, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    scale = X.std(ddof=0, numeric_only=True).to_dict()
    return X, y, X_test[: args.test_rows], y_test[: args.test_rows], scale


# --- measuring ------------------------------------------------------------------------------------


def fit(name, X, y, args, seed, **options):
    """A fitted classifier, and what a line says of it."""
    options |= {"max_iter": args.max_iter, "n_threads": args.threads, "random_state": seed}
    start = time.perf_counter()
    clf = make_model(name, args.training_eps, **options).fit(X, y)
    line = {"fit_seconds": time.perf_counter() - start, "n_train": len(y), "epochs": clf.n_iter_}
    line |= {"own_nats": clf.mutual_info_score_, "own_stderr": clf.mutual_info_stderr_}
    return clf, line | {"entropy": clf.label_entropy_}


def figures(found):
    names = {"accuracy": "accuracy", "nats": "mutual_info", "stderr": "mutual_info_stderr"}
    return {short: found[name].tolist() for short, name in names.items()}


def attack(clf, X, y, scale, args, seed):
    """What our attacks leave, at radius 0 and at all others, and the points they found."""
    options = {"max_iter": args.steps, "n_restarts": args.restarts, "max_queries": args.queries}
    options |= {"feature_scale": scale, "random_state": seed}
    start = time.perf_counter()
    found = adversarial_robustness(clf, X, y, eps=[0, *args.eps], **options)
    line = {"n_attacked": len(y), "attack_seconds": time.perf_counter() - start, **figures(found)}
    each = {name: figures(own) for name, own in found.attacks.items()}
    return line | {"attacks": each}, found.X_adversarial


def measure(name, drawn, args, seed, **options):
    """The line of one model."""
    X, y, X_test, y_test, scale = drawn
    clf, line = fit(name, X, y, args, seed, **options)
    return line | attack(clf, X_test, y_test, scale, args, seed)[0]


def compare_with_art(name, drawn, args, seed, **options):
    """The line of one model under our attacks and those of ART."""
    X, y, X_test, y_test, scale = drawn
    X_test = X_test / np.float32(255)
    clf, line = fit(name, X, y, args, seed, **options)
    attacked, points = attack(clf, X_test, y_test, scale, args, seed)
    ours = np.array([clf.predict(found) == y_test for found in points])
    start = time.perf_counter()
    limits = args.steps, args.restarts, args.queries
    right = still_right(clf, X_test, y_test, args.eps, limits, seed)
    line |= attacked | {"art_seconds": time.perf_counter() - start}
    right = {n: np.concatenate([ours[:1], each]) for n, each in right.items()}
    theirs = np.logical_and.reduce(list(right.values()))
    line["attacks"] |= {n: {"accuracy": each.mean(axis=1).tolist()} for n, each in right.items()}
    line |= {"accuracy": ours.mean(axis=1).tolist(), "art": theirs.mean(axis=1).tolist()}
    line |= {"only_ours": (theirs & ~ours).sum(axis=1).tolist()}
    line |= {"only_art": (ours & ~theirs).sum(axis=1).tolist()}
    return line | {"agreement": agreement(clf, X_test)}


# --- commands -------------------------------------------------------------------------------------


def images(args):
    draws = {path.stem: partial(draw_images, path) for path in args.archives}
    run("images", draws, measure, args, cv=None)


def art(args):
    check_installed()
    draws = {path.stem: partial(draw_images, path) for path in args.archives}
    run("art", draws, compare_with_art, args, cv=None)


def tables(args):
    loaders = folder_tables(args.folder, args.target, args.drop, args.rows)
    if unknown := set(args.sets) - set(loaders):
        raise SystemExit(f"no tables {sorted(unknown)} among {', '.join(loaders)}")
    draws = {name: partial(draw_table, loaders[name]) for name in args.sets}
    run("tables", draws, measure, args)


def run(task, draws, measured, args, **options):
    """A line for each set, seed and model that the file lacks; what fails says so in its line."""
    warnings.simplefilter("ignore")  # of convergence, once for each fit
    check_names(args.models, task)
    present = {key(line) for line in read(args.out) if "error" not in line}
    for name, draw in draws.items():
        for seed in args.seeds:
            for model in args.models:
                about = describe_run(task, name, model, seed, args)
                if key(about) in present:
                    continue
                try:
                    line = measured(model, draw(args, seed), args, seed, **options)
                except Exception as error:  # one refusal must not end the run
                    line = {"error": repr(error)[:200]}
                append(about | line | {"machine": describe()}, args.out)


def describe_run(task, name, model, seed, args):
    """What a line is about, by which it is known again."""
    about = {"task": task, "set": name, "model": full_name(model, args.training_eps), "seed": seed}
    names = ["rows", "test_rows", "eps", "max_iter", "steps", "restarts", "queries"]
    return about | {name: getattr(args, name) for name in names}


def append(line, out):
    with out.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    said = line.get("error") or f"accuracy {line['accuracy']}"
    print(f"{line['set']}, {line['model']}, seed {line['seed']}: {said}", flush=True)


def table(args):
    print(show(read(*args.lines)))


# --- arguments ------------------------------------------------------------------------------------


def parse(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("images")
    command.add_argument("archives", nargs="+", type=Path)
    _add_common(command, images, 15_000, 500, MODELS)
    command = commands.add_parser("art")
    command.add_argument("archives", nargs="+", type=Path)
    _add_common(command, art, 3000, 100, ["ce", "gccs", "ce_adversarial"], restarts=2)
    command = commands.add_parser("tables")
    command.add_argument("--folder", required=True, help="of CSV files, read as tightness.py does")
    command.add_argument("--target", help="the column to predict, in all files of the folder")
    command.add_argument("--drop", type=words, default=[], help="columns that are no inputs")
    command.add_argument("--sets", type=words, default=SETS)
    _add_common(command, tables, 4000, 500, [*MODELS, POOL])
    command = commands.add_parser("table", help="means over the seeds")
    command.add_argument("lines", nargs="+", type=Path)
    command.set_defaults(call=table)
    return parser.parse_args(arguments)


def _add_common(command, call, rows, test_rows, models, restarts=0):
    command.set_defaults(call=call)
    command.add_argument("--rows", type=int, default=rows)
    command.add_argument("--test-rows", type=int, default=test_rows, help="at most, to be attacked")
    command.add_argument("--eps", type=radii, default=[0.05, 0.1, 0.2], help="radii, but for 0")
    command.add_argument("--training-eps", type=float, default=0.1)
    command.add_argument("--seeds", type=numbers, default=[0])
    command.add_argument("--models", type=words, default=models)
    command.add_argument("--max-iter", type=number_or_auto, default="auto", help="epochs")
    command.add_argument("--steps", type=int, default=50, help="of an ascent")
    command.add_argument("--restarts", type=int, default=restarts, help="from random points")
    command.add_argument("--queries", type=int, default=500, help="of the random search")
    command.add_argument("--threads", type=number_or_auto, default=1)
    command.add_argument("--out", type=Path, required=True, help="JSON lines, appended to")


def radii(text):
    """Increasing, and none of them 0, which is always there."""
    return sorted({float(word) for word in words(text)} - {0.0})


def number_or_auto(text):
    return text if text == "auto" else int(text)


def main():
    args = parse()
    args.call(args)


if __name__ == "__main__":
    main()
