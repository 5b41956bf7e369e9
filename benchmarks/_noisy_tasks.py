"""What is learnt from wrong labels: data, noise and classifier of each subcommand.

A task trains on noisy labels and is scored on clean ones of other rows. The seed draws the split,
the noise and whatever the classifier draws.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import pandas as pd
from _tables import bundled_tables, folder_tables
from sklearn.datasets import load_digits, make_classification
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.datasets import make_gaussian_classes, make_label_noise

FLIPPED = [[0.4, 0.6], [0, 1]]  # most of the rows of the first class carry the label of the second
SIGMA = 0.95  # of the means of a hundred classes: the best classifier is right on .86 of the rows
LEAST_ROWS, LEAST_CLASS, MOST_SHARE = 600, 30, 0.75  # of a table that is taken
MAX_ROWS = 4000
PARTS = ["train", "test"]  # of an archive of images


# --- a task ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Noise:
    """A name and what `make_label_noise` takes."""

    name: str
    noise: object
    kind: str = "asymmetric"

    def draw(self, y, seed):
        """Observed labels and the noise matrix."""
        return make_label_noise(
            y, self.noise, kind=self.kind, return_noise_matrix=True, random_state=seed
        )


NONE = Noise("none", 0.0)


def asym(rate):
    """Classes 0, 2, 4, ... become their successor."""
    return Noise(f"asym {_short(rate)}", rate)


def sym(rate):
    """Each class becomes any other."""
    return Noise(f"sym {_short(rate)}", rate, "symmetric")


def case(number, rate):
    """The three cases of two classes of the paper; a row is a true class."""
    matrix = {
        1: [[1 - rate / 2, rate / 2], [rate / 2, 1 - rate / 2]],
        2: [[1 - rate, rate], [0, 1]],
        3: [[1, 0], [rate, 1 - rate]],
    }[number]
    return Noise(f"case {number} {_short(rate)}", matrix)


def _short(rate):
    return f"{rate:g}".lstrip("0")


def plain(loss, seed):
    """The classifier with its defaults."""
    return MutualInfoClassifier(loss, random_state=seed)


@dataclass(frozen=True)
class Task:
    """Train with a loss on noisy labels; accuracy on clean ones."""

    data: str
    noise: Noise
    split: Callable  # from a seed to X_train, X_test, y_train, y_test
    make: Callable = plain
    figure: float | None = None  # to reach with dmi

    def models(self, losses):
        return losses

    def measure(self, loss, seed):
        X_train, X_test, y_train, y_test = self.split(seed)
        observed, matrix = self.noise.draw(y_train, seed)
        start = time.perf_counter()
        clf = self.make(loss, seed).fit(X_train, observed)
        seconds = time.perf_counter() - start
        if not np.isfinite(clf.predict_proba(X_test)).all():
            raise ValueError("probabilities that are not finite")
        result = {"n": len(y_train), "accuracy": accuracy_score(y_test, clf.predict(X_test))}
        result |= matrix_error(clf, matrix)
        result |= {} if self.figure is None else {"figure": self.figure}
        return result | {"seconds": seconds}


def matrix_error(clf, matrix):
    """Mean absolute error of the noise matrix, where the classifier has one."""
    found = getattr(getattr(clf, "steps", [("", clf)])[-1][1], "noise_matrix_", None)
    if np.shape(found) != matrix.shape:
        return {}
    return {"matrix_error": np.abs(found - matrix).mean()}


def held_out(load, share, seed):
    """A split by the seed, shares of the classes kept."""
    X, y = load()
    return train_test_split(X, y, test_size=share, stratify=y, random_state=seed)


def sampled(load, rows):
    """At most so many rows of what `load` gives, shares of the classes kept."""
    X, y = load()
    if rows is None or rows >= len(y):
        return X, y
    X, _, y, _ = train_test_split(X, y, train_size=rows, stratify=y, random_state=0)
    return X, y


def label(name, rows):
    """Results on fewer rows have a name of their own."""
    return name if rows is None else f"{name} {rows}"


def product(data, load, noises, share=0.3, make=plain):
    """A task for each noise; noises may come with the figure to reach."""
    split = partial(held_out, load, share)
    for each in noises:
        noise, figure = each if isinstance(each, tuple) else (each, None)
        yield Task(data, noise, split, make, figure)


# --- sketch ---------------------------------------------------------------------------------------


@cache
def four_classes():
    return make_classification(
        8000, 20, n_informative=12, n_classes=4, class_sep=1.5, random_state=1
    )


@cache
def two_classes():
    return make_classification(8000, 20, n_informative=12, n_classes=2, class_sep=1, random_state=2)


def sketch(args):
    """Small data; with the accuracy of an earlier sketch of dmi, a plain network."""
    ten = [(asym(0.2), 0.957), (asym(0.4), 0.948), (asym(0.6), 0.931)]
    ten += [(sym(0.4), 0.941), (sym(0.6), 0.912)]
    four = [(asym(0.4), 0.897), (asym(0.6), 0.877), (sym(0.6), 0.741)]
    two = [(sym(0.45), 0.80), (Noise("1st flips .6", FLIPPED), 0.926)]
    digits = partial(load_digits, return_X_y=True)
    sources = {"digits": digits, "four classes": four_classes, "two classes": two_classes}
    for (data, load), noises in zip(sources.items(), [ten, four, two], strict=True):
        load = partial(sampled, load, args.rows)
        if args.rows is not None:  # the figures are of all rows
            noises = [noise for noise, _ in noises]
        yield from product(label(data, args.rows), load, [NONE, *noises])


# --- tables ---------------------------------------------------------------------------------------


def without_rare_classes(load):
    """Noise leaves few rows of a small class; classes under 30 rows are dropped."""
    X, y = load()
    _, codes, counts = np.unique(y, return_inverse=True, return_counts=True)
    kept = counts[codes] >= LEAST_CLASS
    return X[kept].reset_index(drop=True), y[kept]


def is_taken(load):
    """Whether a table is large and balanced enough."""
    _, y = load()
    counts = np.unique(y, return_counts=True)[1]
    return len(counts) > 1 and len(y) >= LEAST_ROWS and counts.max() <= MOST_SHARE * len(y)


def taken_tables(args):
    """The tables that are taken, as name -> function that loads."""
    found = bundled_tables(MAX_ROWS)
    if args.folder:
        found = folder_tables(args.folder, drop=args.drop, max_rows=MAX_ROWS)
    loads = {name: cache(partial(without_rare_classes, load)) for name, load in found.items()}
    return {
        label(name, args.rows): partial(sampled, load, args.rows)
        for name, load in loads.items()
        if is_taken(load)
    }


def tables(args):
    """Every table that is large and balanced enough."""
    for name, load in taken_tables(args).items():
        yield from product(name, load, [NONE, asym(0.3), sym(0.3)])


# --- images and sentences -------------------------------------------------------------------------


@cache
def read_images(path):
    """Pixels from 0 to 1; class 0 is label 8, class 1 all others."""
    archive = np.load(path)
    images = [archive[f"X_{part}"] for part in PARTS]
    X_train, X_test = [each.reshape(len(each), -1).astype("float32") / 255 for each in images]
    return X_train, X_test, *[np.where(archive[f"y_{part}"] == 8, 0, 1) for part in PARTS]


def split_images(path, rows, seed):
    X_train, X_test, y_train, y_test = read_images(path)
    if rows is not None and rows < len(y_train):
        options = {"train_size": rows, "stratify": y_train, "random_state": seed}
        X_train, _, y_train, _ = train_test_split(X_train, y_train, **options)
    return X_train, X_test, y_train, y_test


def on_components(loss, seed):
    """784 embedded pixels take minutes an epoch; one hold-out, as rows are plenty."""
    clf = MutualInfoClassifier(loss, cv=None, random_state=seed)
    return make_pipeline(PCA(50, random_state=seed), clf)


def fashion(args):
    """One class out of ten against the rest, noise in either or both."""
    rates = [0.2, 0.4, 0.6, 0.8]
    for noise in [NONE, *(case(number, rate) for number in (1, 2, 3) for rate in rates)]:
        split = partial(split_images, args.file, args.rows)
        yield Task(label("fashion", args.rows), noise, split, on_components)


@cache
def read_sentences(path):
    frame = pd.read_csv(path, keep_default_na=False)
    return frame["text"].to_numpy(dtype=object), frame["label"].to_numpy()


def on_words(loss, seed):
    """Words and pairs of words, as 300 columns."""
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    clf = MutualInfoClassifier(loss, cv=None, random_state=seed)
    return make_pipeline(words, TruncatedSVD(300, random_state=seed), clf)


def reviews(args):
    """Sentences of film reviews, praise taken for blame."""
    load = partial(sampled, partial(read_sentences, args.file), args.rows)
    noises = [NONE, case(3, 0.4), case(3, 0.6)]
    yield from product(label("reviews", args.rows), load, noises, 0.25, on_words)


# --- many classes ---------------------------------------------------------------------------------


@cache
def hundred_classes():
    means = SIGMA * np.random.default_rng(0).standard_normal((100, 20))
    return make_gaussian_classes(20_000, 20, centers=means, random_state=0)


def hundred(args):
    """A hundred Gaussians, 140 rows of each to train on."""
    load = partial(sampled, hundred_classes, args.rows)
    yield from product(label("hundred classes", args.rows), load, [NONE, asym(0.4), sym(0.4)])
