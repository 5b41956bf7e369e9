"""What does a GPU save? The same fits and answers on the CPU and on CUDA, one after the other.

    python benchmarks/devices.py                       # on a machine with a CUDA device
    python benchmarks/devices.py --rows 10000 --images 2000

Tables of `make_classification`, 20 columns and three classes, with the default pool of networks and
companions, which work on the CPU, and with networks alone; images are noise with a mark whose
place is the class, 28 x 28 pixels. A small fit of a table and one of images come first on CUDA and
are not counted, for the first pays for loading kernels. The estimates stand beside the seconds, and
are to agree within errors.
"""

import argparse
import time

import numpy as np
import torch
from _machine import describe
from sklearn.datasets import make_classification

from sklearn_mi import MutualInfoClassifier

ANSWERED = 100_000
HEADER = f"{'':30}{'device':>8}{'fit s':>9}{'answer s':>10}{'epochs':>8}{'nats':>9}{'error':>8}"


def table(n_rows):
    return make_classification(n_rows, 20, n_informative=10, n_classes=3, random_state=0)


def images(n_images, n_classes=4):
    """Noise, and a bright square in the quarter of the image that is the class."""
    rng = np.random.RandomState(0)
    X, y = rng.normal(size=(n_images, 1, 28, 28)).astype(np.float32), np.arange(n_images) % 4
    for quarter in range(n_classes):
        top, left = rng.randint(0, 8, size=(2, np.count_nonzero(y == quarter)))
        own = np.flatnonzero(y == quarter)
        for i, row, column in zip(
            own, top + 14 * (quarter // 2), left + 14 * (quarter % 2), strict=True
        ):
            X[i, 0, row : row + 5, column : column + 5] += 1
    return X, y


def seconds_of(work):
    start = time.perf_counter()
    result = work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return result, time.perf_counter() - start


def measure(name, X, y, device, **params):
    clf = MutualInfoClassifier(device=device, random_state=0, **params)
    _, fit_seconds = seconds_of(lambda: clf.fit(X, y))
    some = X[np.arange(ANSWERED if X.ndim == 2 else len(X)) % len(X)]
    clf.predict_proba(some[:1000])
    _, answer_seconds = seconds_of(lambda: clf.predict_proba(some))
    figures = f"{fit_seconds:9.2f}{answer_seconds:10.2f}{clf.n_iter_:8}"
    score, error = clf.mutual_info_score_, clf.mutual_info_stderr_
    print(f"{name:30}{device:>8}{figures}{score:9.4f}{error:8.4f}", flush=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--images", type=int, nargs="*", default=[10_000])
    parser.add_argument("--devices", nargs="+", default=["cpu", "cuda"])
    args = parser.parse_args()
    print(describe())
    if torch.cuda.is_available():
        print(f"{torch.cuda.get_device_name()}, {torch.get_num_threads()} threads of torch")
        MutualInfoClassifier(device="cuda", max_iter=2).fit(*table(1000))
        MutualInfoClassifier(device="cuda", max_iter=1).fit(*images(200))
    print(HEADER)
    for n_rows in args.rows:
        for device in args.devices:
            measure(f"{n_rows:,} rows", *table(n_rows), device)
            measure(f"{n_rows:,} rows, networks", *table(n_rows), device, estimators=None)
    for n_images in args.images:
        for device in args.devices:
            measure(f"{n_images:,} images", *images(n_images), device)


if __name__ == "__main__":
    main()
