"""How well does the convolutional network do on small grey images, and what does a stack cost?

    python benchmarks/images.py accuracy mnist.npz fashion_mnist.npz
    python benchmarks/images.py imbalance mnist.npz
    python benchmarks/images.py noise fashion_mnist.npz
    python benchmarks/images.py stack fashion_mnist.npz

The archives hold X_train, y_train, X_test, y_test; images are uint8, (n, 28, 28). Nothing is chosen
on the test file. Defaults and one network (`cv=None`, a fifth of the training file held out),
except where said.

    accuracy   the whole training file; accuracy on the test file, information certified on the
               held-out fifth and, by the same network, on the test file
    imbalance  300 training images of each even digit, 3,000 of each odd one; recall on the test
               file, the mean over the classes
    noise      label 8 against the rest, balanced neither before nor after; a share r of labels is
               flipped: case 1 both ways, half each, case 2 of the 8s, case 3 of the others;
               accuracy on clean test labels
    stack      five folds as one fit, and five fits of one fold each with the same settings, in
               turns; seconds and information
"""

import argparse
import time
from pathlib import Path

import numpy as np
from _machine import describe
from _noisy_tasks import case
from sklearn.metrics import recall_score
from sklearn.model_selection import StratifiedKFold

from sklearn_mi import MutualInfoClassifier

RARE, FREQUENT = 300, 3000


def load(archive, rows=None, seed=0):
    """Training images (n, 1, 28, 28), labels, and the same of the test file."""
    with np.load(archive) as data:
        X, y, X_test, y_test = (data[name] for name in ("X_train", "y_train", "X_test", "y_test"))
    kept = np.random.RandomState(seed).permutation(len(y))[:rows]
    return X[kept, None], y[kept], X_test[:, None], y_test


def fit(loss, X, y, args, seed, **options):
    """A fitted classifier and its seconds."""
    options = {"cv": None, "max_iter": args.max_iter, "n_threads": args.threads, **options}
    start = time.perf_counter()
    clf = MutualInfoClassifier(loss, random_state=seed, **options).fit(X, y)
    return clf, time.perf_counter() - start


def show(archive, task, loss, seed, **values):
    texts = {k: f"{v:.4f}" if isinstance(v, float) else str(v) for k, v in values.items()}
    shown = ", ".join(f"{name} {text}" for name, text in texts.items())
    print(f"{Path(archive).stem:14}{task:18}{loss:12}seed {seed}: {shown}", flush=True)


def information(clf, X, y):
    """Information certified on rows, and its standard error."""
    pmi = clf.pointwise_mutual_info(X)[np.arange(len(y)), np.searchsorted(clf.classes_, y)]
    return f"{pmi.mean():.4f} +- {pmi.std(ddof=1) / np.sqrt(len(y)):.4f}"


def accuracy(archive, loss, seed, args):
    X, y, X_test, y_test = load(archive, args.rows, seed)
    clf, seconds = fit(loss, X, y, args, seed, augmentation=args.augmentation)
    held = f"{clf.mutual_info_score_:.4f} +- {clf.mutual_info_stderr_:.4f}"
    test = information(clf, X_test, y_test)
    score = clf.score(X_test, y_test)
    entropy = float(clf.label_entropy_)
    values = {"accuracy": score, "nats_held_out": held, "nats_test": test, "H": entropy}
    task = " ".join(["accuracy", *(args.augmentation or [])])
    show(archive, task, loss, seed, **values, epochs=clf.n_iter_, seconds=seconds)


def imbalance(archive, loss, seed, args):
    X, y, X_test, y_test = load(archive, None, seed)
    sizes = np.where(np.arange(10) % 2 == 0, RARE, FREQUENT)
    rows = np.concatenate([np.flatnonzero(y == c)[:n] for c, n in enumerate(sizes)])
    clf, seconds = fit(loss, X[rows], y[rows], args, seed)
    recall = recall_score(y_test, clf.predict(X_test), average=None)
    values = {"macro": float(recall.mean()), "even": float(recall[::2].mean())}
    values |= {"odd": float(recall[1::2].mean()), "nats_held_out": float(clf.mutual_info_score_)}
    show(archive, "imbalance", loss, seed, **values, seconds=seconds)


def noise(archive, loss, seed, args):
    X, y, X_test, y_test = load(archive, args.rows, seed)
    y, y_test = (y == 8).astype(int), (y_test == 8).astype(int)
    for number in args.cases:
        for rate in args.rates:
            drawn = case(number, rate)
            observed, matrix = drawn.draw(1 - y, seed)  # the first class is the small one
            clf, seconds = fit(loss, X, observed, args, seed)
            right = float((clf.predict(X_test) == 1 - y_test).mean())
            values = {"rows": len(y), "accuracy": right}
            if hasattr(clf, "noise_matrix_"):
                values["matrix_error"] = float(abs(clf.noise_matrix_ - matrix).mean())
            show(archive, drawn.name, loss, seed, **values, seconds=seconds)


def stack(archive, loss, seed, args):
    """Alternating: a stack of five folds, and its folds one by one."""
    X, y, X_test, y_test = load(archive, args.rows or 5000, seed)
    splits = list(StratifiedKFold(5, shuffle=True, random_state=seed).split(X, y))
    for turn in range(args.turns):
        clf, seconds = fit(loss, X, y, args, seed, cv=splits)
        nats, score = float(clf.mutual_info_score_), clf.score(X_test, y_test)
        values = {"turn": turn, "nats": nats, "accuracy": score, "seconds": seconds}
        show(archive, "stack of five", loss, seed, **values)
        singles = [fit(loss, X, y, args, seed, cv=[split]) for split in splits]
        nats = float(np.mean([one.mutual_info_score_ for one, _ in singles]))
        proba = np.mean([one.predict_proba(X_test) for one, _ in singles], axis=0)
        score = float((clf.classes_[proba.argmax(axis=1)] == y_test).mean())
        values |= {"nats": nats, "accuracy": score, "seconds": sum(s for _, s in singles)}
        show(archive, "five single fits", loss, seed, **values)


def parse(arguments=None):
    def words(text):
        return text.split(",")

    def integers(text):
        return [int(word) for word in words(text)]

    def numbers(text):
        return [float(word) for word in words(text)]

    def number_or_auto(text):
        return text if text == "auto" else int(text)

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    tasks = {
        accuracy: ["ce", "pc_softmax"],
        imbalance: ["ce", "pc_softmax"],
        noise: ["ce", "dmi"],
        stack: ["ce"],
    }
    for task, losses in tasks.items():
        command = commands.add_parser(task.__name__)
        command.add_argument("archives", nargs="+", type=Path)
        command.add_argument("--losses", type=words, default=losses)
        command.add_argument("--seeds", type=integers, default=[0])
        command.add_argument("--rows", type=int, help="of the training file; all by default")
        command.add_argument("--max-iter", type=number_or_auto, default="auto")
        command.add_argument("--threads", type=number_or_auto, default="auto")
        command.add_argument("--augmentation", type=words)
        command.add_argument("--cases", type=integers, default=[1, 2, 3])
        command.add_argument("--rates", type=numbers, default=[0.4, 0.8])
        command.add_argument("--turns", type=int, default=3)
        command.set_defaults(call=task)
    return parser.parse_args(arguments)


def main():
    args = parse()
    print(describe(), flush=True)
    for archive in args.archives:
        for loss in args.losses:
            for seed in args.seeds:
                args.call(archive, loss, seed, args)


if __name__ == "__main__":
    main()
