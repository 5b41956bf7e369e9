"""Do generated rows cover what there is, pass for real, and help rare classes?

    python benchmarks/generation.py grid
    python benchmarks/generation.py tables --folder DIR --drop split
    python benchmarks/generation.py rare --folder DIR --drop split
    python benchmarks/generation.py mnist mnist.npz

"grid": 10,000 rows of 25 Gaussians (standard deviation .05) on a grid (spacing 2); of 2,500 drawn
rows the modes with one within three standard deviations, and the share of rows so near to one. The
default; "pull 0", with codes learnt from the rows but nothing asked of them of what is drawn; and
"no codes", with `information_weight=0`. All else is equal.

"tables": half of the rows to fit, without labels. As many rows are drawn as the other half has, and
a default `MutualInfoClassifier` is asked which is which: nats, 0 if nobody can tell, log 2 = .693
if all can. "mixture": a Gaussian mixture in the coordinates and indicators of levels that the
generator draws in, back to cells in the same way; components by BIC. "vae": a variational
autoencoder of this package with eight components. "real": rows of the fit.

"rare": recall of the rarest class and macro F1 of three classifiers, in the mean over stratified
folds, fitted to the rows as they are, after SMOTE, and after `fit_resample`. Needs
imbalanced-learn.

"mnist": a generator of 10,000 images, without labels; the class of 10,000 drawn ones by a forest
that was fitted to 20,000 other images, and the entropy of these classes.
"""

import argparse
import time

import numpy as np
import pandas as pd
from _generation_rivals import CLASSIFIERS, Smote, drawn_by_mixture, drawn_by_vae, numbers_only
from _machine import describe
from _tables import folder_tables
from sklearn.base import clone
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import f1_score, recall_score
from sklearn.model_selection import StratifiedKFold

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.generation import MutualInfoGAN

SETTINGS = {
    "default": {},
    "pull 0": {"information_weight": 1e-12},
    "no codes": {"information_weight": 0},
}
TABLES = "abalone_banded,adult,dry_bean,page_blocks,thyroid0387,wine_quality_white"
RARE = "mammography,keel_yeast4,keel_vowel0,oil_spill,page_blocks,ecoli"
SPREAD, DRAWN = 0.05, 2500


def say(*words):
    print(*words, flush=True)


def fitted(X, y=None, **params):
    start = time.process_time()
    gan = MutualInfoGAN(n_threads=1, device="cpu", **params).fit(X, y)
    return gan, time.process_time() - start


# --- the grid -----------------------------------------------------------------------------------


def grid(args):
    centers = np.array([(i, j) for i in range(-4, 5, 2) for j in range(-4, 5, 2)], dtype=float)
    found = {name: [] for name in args.settings}
    for seed in args.seeds:
        rng = np.random.default_rng(seed)
        X = centers[rng.integers(25, size=args.rows)] + SPREAD * rng.standard_normal((args.rows, 2))
        for name in args.settings:
            gan, seconds = fitted(X, random_state=seed, **SETTINGS[name])
            modes, near = covered(gan.sample(DRAWN)[0], centers, 3 * SPREAD)
            found[name].append((modes, near))
            say(f"{name:8} seed {seed}: {modes} modes, {near:.3f} near, {seconds:.0f} s of CPU")
    for name, each in found.items():
        modes, near = np.array(each, dtype=float).T
        good = ((modes >= 24) & (near >= 0.8)).sum()
        say(
            f"{name:8} mean: {mean_and_error(modes)} modes, {mean_and_error(near)} near; 24 modes "
            f"and 80 % near in {good} of {len(modes)}"
        )
    if {"default", "no codes"} <= found.keys():
        gain = np.subtract(
            *(np.array(found[n], dtype=float)[:, 0] for n in ("default", "no codes"))
        )
        say(f"modes gained by the term: {mean_and_error(gain)}")


def covered(rows, centers, radius):
    """Centers with a row within the radius, and the share of rows so near to one."""
    distance = np.sqrt(np.square(rows[:, None] - centers).sum(-1))
    near = distance.min(1) < radius
    return len(np.unique(distance.argmin(1)[near])), near.mean()


def mean_and_error(values):
    error = np.std(values, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
    return f"{np.mean(values):.3f} +- {error:.3f}"


# --- real or made -------------------------------------------------------------------------------


def tables(args):
    sources, better = folder_tables(args.folder, args.target, args.drop, args.rows), []
    for name in args.sets:
        X, _ = sources[name]()
        for seed in args.seeds:
            order = np.random.default_rng(seed).permutation(len(X))
            rows, fresh = (X.iloc[part] for part in np.array_split(order, 2))
            told = {}
            for maker in args.makers:
                made = MAKERS[maker](rows, len(fresh), seed)
                told[maker] = told_apart(fresh, made, seed)
            words = (f"{kind} {v:.3f} +- {e:.3f}" for kind, (v, e) in told.items())
            say(f"{name} {rows.shape}, seed {seed}:", ", ".join(words))
            better.append({maker: told[maker][0] for maker in told})
    for maker in set(args.makers) - {"generator", "real"} if "generator" in args.makers else ():
        below = sum(own["generator"] < own[maker] for own in better)
        say(f"generator below {maker} in {below} of {len(better)}")


def told_apart(fresh, made, seed):
    """What a classifier knows of which rows are made, and its standard error."""
    both = pd.concat([fresh, made], ignore_index=True).sample(frac=1, random_state=seed)
    real = both.index < len(fresh)
    judge = MutualInfoClassifier(n_threads=1, random_state=seed).fit(both, real)
    return judge.mutual_info_score_, judge.mutual_info_stderr_


def drawn_by_generator(rows, n_rows, seed):
    return fitted(rows, random_state=seed)[0].sample(n_rows)[0]


MAKERS = {
    "generator": drawn_by_generator,
    "mixture": drawn_by_mixture,
    "vae": drawn_by_vae,
    "real": lambda rows, n_rows, seed: rows,
}


# --- rare classes -------------------------------------------------------------------------------


def rare(args):
    sources, rows = folder_tables(args.folder, args.target, args.drop, args.rows), []
    for name in args.sets:
        X, y = sources[name]()
        X = numbers_only(X)
        labels, counts = np.unique(y, return_counts=True)
        rarest, found = labels[counts.argmin()], {}
        folds = StratifiedKFold(args.folds, shuffle=True, random_state=0)
        for train, test in folds.split(X, y):
            for kind, (more, more_y) in resampled(X[train], y[train]).items():
                for words, classifier in CLASSIFIERS.items():
                    told = clone(classifier).fit(more, more_y).predict(X[test])
                    recall = recall_score(y[test], told, labels=[rarest], average="macro")
                    macro = f1_score(y[test], told, average="macro")
                    found.setdefault((words, kind), []).append((recall, macro))
        means = {key: np.mean(each, axis=0) for key, each in found.items()}
        rows.append(means)
        say(f"{name} {X.shape}, {counts.min()} of class {rarest}")
        for words in CLASSIFIERS:
            say(f"    {words:10}", ", ".join(line(means, words, kind) for kind in KINDS))
    say(f"mean over {len(rows)} tables")
    means = {key: np.mean([own[key] for own in rows], axis=0) for key in rows[0]}
    for words in CLASSIFIERS:
        say(f"    {words:10}", ", ".join(line(means, words, kind) for kind in KINDS))


KINDS = "none", "SMOTE", "generator"


def line(means, words, kind):
    recall, macro = means[words, kind]
    return f"{kind}: recall {recall:.3f}, F1 {macro:.3f}"


def resampled(X, y):
    gan = MutualInfoGAN(n_threads=1, device="cpu", random_state=0, sampling_strategy="auto")
    return {
        "none": (X, y),
        "SMOTE": Smote().fit_resample(X, y),
        "generator": gan.fit_resample(X, y),
    }


# --- images -------------------------------------------------------------------------------------


def mnist(args):
    archive = np.load(args.archive)
    X, y = archive["X_train"], archive["y_train"]
    order = np.random.default_rng(0).permutation(len(X))
    own, other = order[: args.rows], order[args.rows : args.rows + 20_000]
    forest = ExtraTreesClassifier(200, random_state=0).fit(flat(X[other]), y[other])
    right = forest.score(flat(archive["X_test"]), archive["y_test"])
    say(f"the judge is right of {right:.3f} of the test images")
    for seed in args.seeds:
        for name in args.settings:
            gan, seconds = fitted(X[own][:, None], random_state=seed, **SETTINGS[name])
            told = forest.predict_proba(flat(gan.sample(10_000)[0]))
            share = np.bincount(told.argmax(1), minlength=10) / len(told)
            entropy = -np.sum(share[share > 0] * np.log(share[share > 0]))
            say(
                f"{name:8} seed {seed}: {(share > 0).sum()} classes, entropy {entropy:.3f} of "
                f"{np.log(10):.3f}, smallest share {share.min():.3f}, mean confidence "
                f"{told.max(1).mean():.3f}, {seconds:.0f} s of CPU"
            )
    sure = forest.predict_proba(flat(archive["X_test"])).max(1).mean()
    say(f"mean confidence of test images {sure:.3f}")


def flat(images):
    return images.reshape(len(images), -1)


def of(kind):
    return lambda text: [kind(part) for part in text.split(",")]


def parse(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    parts = {"grid": grid, "tables": tables, "rare": rare, "mnist": mnist}
    seeds = {"grid": "0,1,2,3,4,5,6,7,8,9", "tables": "0", "rare": "0", "mnist": "0"}
    rows = {"grid": 10_000, "tables": 4000, "rare": 2000, "mnist": 10_000}
    for name, do in parts.items():
        command = commands.add_parser(name)
        command.set_defaults(do=do)
        command.add_argument("--seeds", type=of(int), default=of(int)(seeds[name]))
        command.add_argument("--rows", type=int, default=rows[name], help="at most")
        command.add_argument("--settings", type=of(str), default=list(SETTINGS))
        if name in ("tables", "rare"):
            command.add_argument("--folder", required=True, help="of CSV files")
            command.add_argument("--target")
            command.add_argument("--drop", type=of(str), default=[])
            command.add_argument("--folds", type=int, default=3, help="of the rare classes")
            command.add_argument("--makers", type=of(str), default=list(MAKERS), help="of tables")
            default = TABLES if name == "tables" else RARE
            command.add_argument("--sets", type=of(str), default=of(str)(default))
        if name == "mnist":
            command.add_argument("archive", help="an .npz file with X_train and y_train")
    return parser.parse_args(arguments)


def main():
    args = parse()
    say(describe())
    args.do(args)


if __name__ == "__main__":
    main()
