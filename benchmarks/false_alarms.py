"""Does any loss find information where there is none?

    python benchmarks/false_alarms.py --n-jobs 2

Labels are drawn evenly from `--classes` classes and independently of five normal columns, in tables
of `--rows` rows; the seed gives table and networks, which are alone (`estimators=None`), as
companions would hide what they say. The true information is 0. "estimate" is the mean of
`mutual_info_score_` with its standard error over the replications, and "alarms" the share of 95 %
intervals above 0, of which 2.5 % are allowed and two binomial standard deviations more.
"""

import argparse
import time
from functools import partial

import numpy as np
from _machine import describe
from validity import in_parallel, limit_verdict, numbers

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.losses import LOSSES

HEAD = "loss         classes           estimate  alarms allowed within      s"


def fit_to_nothing(loss, n_classes, n_rows, options, seed):
    """Estimate and lower limit for a table of no information."""
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((n_rows, 5)), rng.permutation(np.arange(n_rows) % n_classes)
    clf = MutualInfoClassifier(loss, estimators=None, random_state=seed, **options).fit(X, y)
    return clf.mutual_info_score_, clf.mutual_info_interval(0.95)[0]


def line(loss, n_classes, runs, seconds):
    """One line of the table from all replications."""
    estimate, low = np.transpose(runs)
    error = estimate.std(ddof=1) / np.sqrt(len(estimate))
    share, allowed, verdict = limit_verdict(low, 0.0, 0.025)
    return (
        f"{loss:12} {n_classes:7} {estimate.mean():+9.4f} +- {error:.4f} {share:7.3f} "
        f"{allowed:7.3f} {verdict:>6} {seconds:6.0f}"
    )


def parse(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--losses", type=lambda text: text.split(","), default=list(LOSSES))
    parser.add_argument("--classes", type=numbers, default=[2, 20])
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--replications", type=int, default=40)
    parser.add_argument("--max-iter", type=int, help="epochs, if not those of the default")
    parser.add_argument("--n-jobs", type=int, default=1)
    return parser.parse_args(arguments)


def main():
    args = parse()
    options = {} if args.max_iter is None else {"max_iter": args.max_iter}
    print(describe())
    print(f"\n{args.rows} rows, {args.replications} replications, {options or 'defaults'}\n")
    print(HEAD, flush=True)
    for loss in args.losses:
        for n_classes in args.classes:
            start = time.perf_counter()
            fit = partial(fit_to_nothing, loss, n_classes, args.rows, options)
            runs = in_parallel(fit, [(seed,) for seed in range(args.replications)], args.n_jobs)
            print(line(loss, n_classes, runs, time.perf_counter() - start), flush=True)


if __name__ == "__main__":
    main()
