"""Does the estimate meet the truth? Gaussian classes and XOR, for which the truth is known.

    python benchmarks/known_truth.py                # 8,000 rows
    python benchmarks/known_truth.py --rows full    # 50,000 and 75,000 rows

Five Gaussians with identity covariance around c(1, ..., 1), c = 0, 2, -2, 4, -4, in one to ten
dimensions, balanced and with classes of 5, 10, 15, 20 and 25 parts; XOR of the signs of two of the
inputs with 5 % of the labels flipped. The last column holds |error| against two standard errors
plus .005 nats.
"""

import argparse
import time

import numpy as np
from _machine import describe

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.datasets import make_gaussian_classes, make_xor

PARTS = np.array([5, 10, 15, 20, 25]) / 75


def gaussian_cases(rows, seed):
    for prior, name, full in [(None, "balanced", 50_000), (PARTS, "5:10:15:20:25", 75_000)]:
        for d in [1, 2, 5, 10]:
            n = full if rows == "full" else int(rows)
            data = make_gaussian_classes(
                n, d, class_prior=prior, return_X_y=False, n_monte_carlo=400_000, random_state=seed
            )
            yield f"Gaussians d={d} {name}", data


def xor_cases(rows, seed):
    for n, d in [(2000, 2), (2000, 20), (8000, 2), (8000, 20)]:
        yield f"XOR, {d} inputs", make_xor(n, d, return_X_y=False, random_state=seed)


def row(name, data, loss, seed):
    start = time.perf_counter()
    clf = MutualInfoClassifier(loss=loss, random_state=seed).fit(data.X, data.y)
    seconds = time.perf_counter() - start
    estimate, error = clf.mutual_info_score_, clf.mutual_info_stderr_
    allowed = 2 * np.hypot(error, data.mutual_info_stderr) + 0.005
    gap = estimate - data.mutual_info
    verdict = f"{abs(gap):.4f} {'<=' if abs(gap) <= allowed else '> '} {allowed:.4f}"
    print(
        f"{name:30} {len(data.y):6d} {loss:11} {data.mutual_info:7.4f} {estimate:8.4f} "
        f"+- {error:.4f} {gap:+8.4f}   {verdict} {seconds:7.1f}",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="8000", help='a number, or "full"')
    parser.add_argument("--seed", type=int, default=0, help="of data and networks")
    args = parser.parse_args()
    print(describe())
    print(f"{'data':30} {'rows':>6} {'loss':11} {'truth':>7} {'estimate':>18} {'error':>8}")
    for cases in (gaussian_cases, xor_cases):
        for name, data in cases(args.rows, args.seed):
            for loss in ["ce", "pc_softmax"]:
                row(name, data, loss, args.seed)


if __name__ == "__main__":
    main()
