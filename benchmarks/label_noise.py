"""Does `dmi` learn from wrong labels? Accuracy on clean test labels after training on noisy ones.

    python benchmarks/label_noise.py

scikit-learn's digits, a quarter held out with its true labels. asymmetric r: the label 2j becomes
2j + 1 with probability r; symmetric r: any other label, with probability r in all. Default
settings throughout; mean and range over the seeds, which draw split, noise and networks. The last
column is the mean absolute error of the estimated noise matrix.
"""

import argparse
import time

import numpy as np
from _machine import describe
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.datasets import make_label_noise

CASES = [("asymmetric", 0.2), ("asymmetric", 0.4), ("asymmetric", 0.6)]
CASES += [("symmetric", 0.4), ("symmetric", 0.6), ("symmetric", 0.0)]


def one_run(kind, noise, loss, seed):
    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
    observed, matrix = make_label_noise(
        y, noise, kind=kind, return_noise_matrix=True, random_state=seed
    )
    clf = MutualInfoClassifier(loss, random_state=seed).fit(X, observed)
    error = np.abs(clf.noise_matrix_ - matrix).mean() if loss == "dmi" else np.nan
    return clf.score(X_test, y_test), error


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    seeds = range(parser.parse_args().seeds)
    print(describe())
    print(f"{'noise':16} {'loss':6} {'accuracy':>9} {'range':>15} {'matrix error':>13} {'s':>6}")
    for kind, noise in CASES:
        for loss in ["ce", "dmi"]:
            start = time.perf_counter()
            accuracy, error = np.transpose([one_run(kind, noise, loss, s) for s in seeds])
            spread = f"{accuracy.min():.3f} to {accuracy.max():.3f}"
            shown = "" if loss == "ce" else f"{error.mean():.3f}"
            seconds = (time.perf_counter() - start) / len(seeds)
            print(
                f"{kind + f' {noise:.1f}':16} {loss:6} {accuracy.mean():9.3f} {spread:>15} "
                f"{shown:>13} {seconds:6.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
