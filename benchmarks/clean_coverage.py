"""Do the errors of `clean_mutual_info_score_` and `noise_matrix_` cover what is not known?

    python benchmarks/clean_coverage.py pools --replications 40
    python benchmarks/clean_coverage.py fits --replications 10

Gaussian classes around random centres at a distance `--sharpness` from the middle, in as many
dimensions as `--dimensions`; the seed gives rows, noise and networks. pools: posteriors are the
right ones, times `--temper`, plus normal noise of `--blur` in the logits, and the calibration is
fitted to them alone. fits: whole classifiers, of `--loss`, networks alone.

"certifies": what the fitted posterior certifies of the true class on 4,000 fresh rows with clean
labels, the mean of log r(true class) - log pi. "low" and "both": share of replications where it is
above the lower limit of 95 %, within the interval: "before" is the score and 1.96 of its errors
over rows for a given noise matrix, "after" `clean_mutual_info_interval`. "T": share of entries of
the noise matrix within 1.96 errors, of its diagonal alone, and the mean of these on the diagonal;
errors below .005 count as none. "warned": share of fits that warn that labels cannot tell. Noise:
`_crowd.py`; the last three kinds follow x, which the model denies.
"""

import argparse
import time
import warnings
from functools import partial

import numpy as np
from _crowd import FOLLOWS_X, NOISES, observe
from _machine import describe
from scipy.special import log_softmax
from scipy.stats import entropy
from validity import in_parallel, numbers

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._pool._label_noise import noise_pools
from sklearn_mi._pool._log_linear import cross_calibrate
from sklearn_mi._pool._noise_error import noise_error
from sklearn_mi._pool._profile_likelihood import LOWEST
from sklearn_mi.metrics._estimate import mean_and_standard_error

FRESH, FOLDS = 4000, 5
HEAD = (
    f"{'K':>3} {'rows':>5} {'noise':11} {'certifies':>9} {'score':>6} {'before':^13} {'low':>5} "
    f"{'both':>5} {'after':^13} {'low':>5} {'both':>5} {'warned':>6} {'T':>5} {'diag.':>5} "
    f"{'found':>5} {'true':>5} {'error':>5} {'s':>5}"
)


def rows(n, n_classes, args, rng):
    """Rows of Gaussian classes, their classes and the right log posterior."""
    centers = np.random.default_rng(n_classes).standard_normal((n_classes, args.dimensions))
    centers *= args.sharpness / np.linalg.norm(centers, axis=1, keepdims=True)
    clean = rng.integers(n_classes, size=n)
    X = centers[clean] + rng.standard_normal((n, args.dimensions))
    distance = ((X[:, None] - centers) ** 2).sum(axis=2)
    return X, clean, log_softmax(-distance / 2, axis=1)


def of_pool(args, kind, n, n_classes, seed):
    """What a calibration of given posteriors says."""
    rng = np.random.default_rng(seed)
    (_, clean, known), (_, fresh, known_fresh) = (
        rows(size, n_classes, args, rng) for size in (n, FRESH)
    )
    y, matrix = observe(kind, known, clean, rng)

    def expert(known):
        return log_softmax(args.temper * known + args.blur * rng.standard_normal(known.shape), 1)

    told, told_fresh = expert(known)[None], expert(known_fresh)[None]
    parts = [(part, np.setdiff1d(np.arange(n), part)) for part in np.array_split(range(n), FOLDS)]
    prior = np.bincount(y, minlength=n_classes) / n
    start = time.perf_counter()
    pool, *_, true_information = cross_calibrate(noise_pools(), told, y, prior, None, parts)
    score, stderr = mean_and_standard_error(true_information)
    error, most = noise_error(pool, told, y), entropy(pool.class_prior_)
    low, high = error.interval(score, stderr, 1.96)
    after = low, max(min(high, most), score)
    warned = error.warning(np.arange(n_classes), after, most) is not None
    seconds = time.perf_counter() - start
    log_posterior = pool.log_posterior(told_fresh)
    return result(log_posterior, fresh, pool.class_prior_, score, stderr, after) | {
        **of_matrix(pool.noise_matrix_, error.noise_matrix, matrix),
        "warned": warned,
        "s": seconds,
    }


def of_fit(args, kind, n, n_classes, seed):
    """What a classifier says."""
    rng = np.random.default_rng(seed)
    X, clean, known = rows(n, n_classes, args, rng)
    X_fresh, fresh, _ = rows(FRESH, n_classes, args, rng)
    y, matrix = observe(kind, known, clean, rng)
    start = time.perf_counter()
    clf = MutualInfoClassifier(args.loss, estimators=None, random_state=seed)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        clf.fit(X, y)
    warned = any("cannot tell noise" in str(each.message) for each in caught)
    seconds = time.perf_counter() - start
    prior = np.exp(clf.predict_log_proba(X)).mean(axis=0)
    score, stderr = clf._clean_estimate
    after = clf.clean_mutual_info_interval()
    return result(clf.predict_log_proba(X_fresh), fresh, prior, score, stderr, after) | {
        **of_matrix(clf.noise_matrix_, clf.noise_matrix_stderr_, matrix),
        "warned": warned,
        "s": seconds,
    }


def result(log_posterior, fresh, prior, score, stderr, after):
    """The figures of one replication that are about information."""
    gain = np.maximum(log_posterior, LOWEST) - np.log(prior)
    certified = gain[np.arange(len(fresh)), fresh].mean()
    before = score - 1.96 * stderr, score + 1.96 * stderr
    names = ["certified", "score", "before_low", "before_high", "after_low", "after_high"]
    return dict(zip(names, [certified, score, *before, *after], strict=True))


def of_matrix(found, stderr, matrix):
    """Those about the noise matrix."""
    inside = abs(found - matrix) <= np.maximum(1.96 * stderr, 0.005)
    return {
        "inside": inside.mean(),
        "diagonal_inside": inside.diagonal().mean(),
        "found": found.diagonal().mean(),
        "true": matrix.diagonal().mean(),
        "error": stderr.diagonal().mean(),
    }


def line(n_classes, n, kind, runs):
    """One line of the table from all replications."""
    of = {name: np.array([run[name] for run in runs]) for name in runs[0]}
    mean = {name: values.mean() for name, values in of.items()}
    text = f"{n_classes:3} {n:5} {kind:11} {mean['certified']:9.3f} {mean['score']:6.3f}"
    for when in ("before", "after"):
        low, high = of[f"{when}_low"], of[f"{when}_high"]
        above = of["certified"] >= low
        both = (above & (of["certified"] <= high)).mean()
        text += f" {low.mean():6.3f} {high.mean():6.3f} {above.mean():5.2f} {both:5.2f}"
    matrix = [mean[name] for name in ("inside", "diagonal_inside", "found", "true", "error")]
    shown = " ".join(f"{value:5.2f}" for value in matrix)
    return f"{text} {mean['warned']:6.2f} {shown} {mean['s']:5.1f}"


def parse(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["pools", "fits"])
    parser.add_argument("--classes", type=numbers, default=[2, 3, 10])
    parser.add_argument("--rows", type=numbers, default=[500, 2000])
    parser.add_argument("--noises", type=lambda text: text.split(","), default=list(NOISES))
    parser.add_argument("--sharpness", type=float, default=3.0)
    parser.add_argument("--dimensions", type=int, default=6)
    parser.add_argument("--temper", type=float, default=1.0)
    parser.add_argument("--blur", type=float, default=0.0)
    parser.add_argument("--loss", default="forward")
    parser.add_argument("--replications", type=int, default=40)
    parser.add_argument("--n-jobs", type=int, default=1)
    args = parser.parse_args(arguments)
    if unknown := set(args.noises) - NOISES.keys():
        parser.error(f"no noise {sorted(unknown)} among {', '.join(NOISES)}")
    return args


def main():
    args = parse()
    print(describe())
    given = {name: value for name, value in vars(args).items() if name != "n_jobs"}
    print(f"{given}; {', '.join(FOLLOWS_X)} follow x\n\n{HEAD}", flush=True)
    measure = of_pool if args.what == "pools" else of_fit
    for n_classes in args.classes:
        for n in args.rows:
            for kind in args.noises:
                seeds = [(seed,) for seed in range(args.replications)]
                runs = in_parallel(partial(measure, args, kind, n, n_classes), seeds, args.n_jobs)
                print(line(n_classes, n, kind, runs), flush=True)


if __name__ == "__main__":
    main()
