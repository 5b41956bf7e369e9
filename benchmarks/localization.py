"""Where is the object: do maps of information find it better than class activation maps?

    python benchmarks/localization.py run mnist.npz fashion_mnist.npz --out lines.jsonl
    python benchmarks/localization.py table lines.jsonl

The archives hold X_train, y_train, X_test, y_test; images are uint8, (n, 28, 28). Their images are
laid at random places of a canvas of 56 x 56, among eight fragments of others and noise. One network
(`cv=None`) is fitted to the labels of `--rows` such images; it sees no box. 2,000 further images of
the training file choose a threshold for each kind of map, from 0 to .95 by GT-known localisation;
2,000 of the test file are scored. The seed draws images, canvases and the network.

    gt_known   share of images whose box has an IoU of .5 or more, the map being that of the true
               label, at the threshold chosen on the other images
    at_.2      the same at .2, the threshold of Zhou et al.
    top_1      as gt_known, and classified correctly
    max_box    the best of all thresholds on the images scored
    mean_iou   at the threshold chosen

Grad-CAM is computed here by automatic differentiation. In a network that ends in global average
pooling and a linear layer it is the positive part of CAM, taken before interpolation, so that the
two must be about equal: a check of both.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from _machine import describe

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.datasets import make_cluttered_images
from sklearn_mi.inspection import bounding_boxes, info_cam
from sklearn_mi.inspection._info_cam import _interpolate
from sklearn_mi.metrics import box_iou, localization_accuracy_score

THRESHOLDS = np.linspace(0, 0.95, 20)
USUAL = 4  # the place of .2
N_CHOOSING = N_SCORED = 2000
KINDS = ["cam", "info_cam", "info_cam_plus"]
FIGURES = ["gt_known", "at_.2", "top_1", "max_box", "mean_iou"]


def draw(archive, rows, seed):
    """Cluttered images, labels and boxes: to train on, to choose on, to score."""
    with np.load(archive) as data:
        train, test = (data["X_train"], data["y_train"]), (data["X_test"], data["y_test"])
    rng = np.random.RandomState(seed)
    train_rows = rng.permutation(len(train[1]))[: rows + N_CHOOSING]
    test_rows = rng.permutation(len(test[1]))[:N_SCORED]
    X, y, boxes = make_cluttered_images(*(part[train_rows] for part in train), random_state=rng)
    other = slice(rows, None)
    scored = make_cluttered_images(*(part[test_rows] for part in test), random_state=rng)
    return (X[:rows], y[:rows]), (X[other], y[other], boxes[other]), scored


def grad_cam(clf, X, y):
    """Positive part of the maps before the pooling, weighted by the mean slopes of the score."""
    net, n_blocks = clf.net_.module_.member(0), -(-len(X) // 100)
    images = torch.as_tensor(clf._encoder.transform(X))
    maps = []
    for x, labels in zip(images.chunk(n_blocks), np.array_split(y, n_blocks), strict=True):
        features = net.features(x).detach().requires_grad_()
        scores = net.linear(net.pooling(features))
        scores = scores[np.arange(len(x)), np.searchsorted(clf.classes_, labels)]
        (slope,) = torch.autograd.grad(scores.sum(), features)
        weighted = slope.mean((2, 3), keepdim=True) * features.detach()
        maps.append(weighted.sum(1).relu().double().numpy())
    maps = np.concatenate(maps)
    return _interpolate(maps, np.divide(X.shape[2:], maps.shape[1:]))


def all_maps(clf, X, y):
    """Name and maps of each kind."""
    for region in (None, 3):
        for kind in KINDS:
            name = kind if region is None else f"{kind}, region"
            yield name, info_cam(clf, X, y, kind=kind, region_size=region).maps
    yield "grad_cam", grad_cam(clf, X, y)


def figures(boxes, found, chosen, y, predicted):
    """One value for each of FIGURES; `found` are boxes for all thresholds."""
    known = localization_accuracy_score(boxes, found)
    top_1 = localization_accuracy_score(boxes, found[chosen], y_true=y, y_pred=predicted)
    overlap = box_iou(boxes, found[chosen]).mean()
    values = [known[chosen], known[USUAL], top_1, known.max(), overlap]
    return dict(zip(FIGURES, map(float, values), strict=True))


def one_run(archive, loss, rows, max_iter, seed):
    """A line for each kind of map."""
    (X, y), choosing, (X_test, y_test, boxes) = draw(archive, rows, seed)
    start = time.perf_counter()
    clf = MutualInfoClassifier(loss, cv=None, max_iter=max_iter, random_state=seed).fit(X, y)
    seconds, predicted = time.perf_counter() - start, clf.predict(X_test)
    about = {"data": Path(archive).stem, "loss": loss, "rows": rows, "seed": seed}
    about |= {"seconds": seconds, "accuracy": float((predicted == y_test).mean())}
    about |= {"nats": clf.mutual_info_score_, "stderr": clf.mutual_info_stderr_}
    others, scored = all_maps(clf, *choosing[:2]), all_maps(clf, X_test, y_test)
    for (name, other), (_, maps) in zip(others, scored, strict=True):
        tried = localization_accuracy_score(choosing[2], bounding_boxes(other, THRESHOLDS))
        chosen = int(tried.argmax())
        line = {"kind": name, "threshold": float(THRESHOLDS[chosen])}
        found = bounding_boxes(maps, THRESHOLDS)
        yield about | line | figures(boxes, found, chosen, y_test, predicted)


def run(args):
    for archive in args.archives:
        for loss in args.losses:
            for seed in args.seeds:
                for line in one_run(archive, loss, args.rows, args.max_iter, seed):
                    text = json.dumps(line | {"machine": describe()})
                    print(text, flush=True)
                    if args.out is not None:
                        with args.out.open("a") as out:
                            out.write(text + "\n")


def table(args):
    """Means over the seeds, and the lead of each kind over "cam" with its range over the seeds."""
    lines = pd.concat([pd.read_json(path, lines=True) for path in args.lines])
    for machine in lines["machine"].unique():
        print(machine)
    for (data, loss), part in lines.groupby(["data", "loss"], sort=False):
        fits = part.groupby("seed")[["accuracy", "nats", "seconds"]].first()
        print(f"\n{data}, {loss}, {part['rows'].iloc[0]} rows, seeds {list(fits.index)}")
        print("fits: " + ", ".join(f"{name} {value:.3f}" for name, value in fits.mean().items()))
        print(f"{'kind':24}{'threshold':>12}" + "".join(f"{name:>10}" for name in FIGURES))
        cam = part[part["kind"] == "cam"].set_index("seed")["gt_known"]
        for kind, own in part.groupby("kind", sort=False):
            lead = own.set_index("seed")["gt_known"] - cam
            shown = "".join(f"{own[name].mean():10.3f}" for name in FIGURES)
            at = f"{own['threshold'].min():.2f}-{own['threshold'].max():.2f}"
            ahead = f"{lead.mean():+.3f} ({lead.min():+.3f}, {lead.max():+.3f})"
            print(f"{kind:24}{at:>12}{shown}   {ahead}")


def parse(arguments=None):
    def words(text):
        return text.split(",")

    def numbers(text):
        return [int(word) for word in words(text)]

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    running = commands.add_parser("run", help="fit and score, one line for each kind of map")
    running.add_argument("archives", nargs="+", type=Path)
    running.add_argument("--losses", type=words, default=["pc_softmax"])
    running.add_argument("--seeds", type=numbers, default=[0, 1, 2])
    running.add_argument("--rows", type=int, default=10_000)
    running.add_argument("--max-iter", type=int, default=12)
    running.add_argument("--out", type=Path)
    running.set_defaults(call=run)
    showing = commands.add_parser("table", help="means over the seeds")
    showing.add_argument("lines", nargs="+", type=Path)
    showing.set_defaults(call=table)
    return parser.parse_args(arguments)


def main():
    args = parse()
    args.call(args)


if __name__ == "__main__":
    main()
