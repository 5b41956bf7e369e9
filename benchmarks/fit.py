"""What does the package cost? One network against a bare torch loop and stock skorch; five folds.

    python benchmarks/fit.py
    python benchmarks/fit.py own

All train the same network (periodic and piecewise linear embeddings, 128-128, SiLU, dropout) with
the same optimiser, batch size, number of epochs and held-out rows, on 2,000 rows of numeric
columns. `MutualInfoClassifier` starts from the table: it checks, encodes, averages and keeps the
best weights, calibrates and estimates. The bare loop and skorch's `NeuralNetClassifier` start from
the encoded matrix; the bare loop slices its batches from tensors, scores the held-out rows after
every epoch and keeps the best weights, as one would by hand. Runs alternate; ratios are medians
over the rounds.

"own" does the same for a network of the user's, a plain `nn.Sequential` (128-128, SiLU, dropout),
and shows what a frozen backbone costs (`_frozen_backbone.py`); on one thread, in seconds of
computing time, which other processes disturb less.
"""

import argparse
import copy
import time

import numpy as np
import torch
from _frozen_backbone import compare_frozen
from _machine import describe
from sklearn.datasets import make_classification
from skorch import NeuralNetClassifier
from skorch.dataset import ValidSplit
from torch import nn

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._inputs._table_encoder import TableEncoder
from sklearn_mi._recipe import make_edges
from sklearn_mi.modules import PiecewiseLinearEmbedding

EPOCHS, BATCH, HELD_OUT, LR, ALPHA = 30, 100, 0.2, 6e-3, 1e-2


class PlainMLP(nn.Module):
    """The default network for one member, written with the layers that torch ships."""

    def __init__(self, edges, n_features, n_classes, n_waves=16, n_sums=4):
        super().__init__()
        self.n_numeric = len(edges)
        self.frequency = nn.Parameter(0.2 * torch.randn(self.n_numeric, n_waves))
        self.phase = nn.Parameter(torch.rand(self.n_numeric, n_waves))
        self.weight = nn.Parameter(torch.rand(self.n_numeric, n_waves, n_sums) - 0.5)
        self.bins = PiecewiseLinearEmbedding(edges)
        width = n_features + self.n_numeric * n_sums + self.bins.width
        self.layers = nn.Sequential(
            nn.Linear(width, 128), nn.SiLU(), nn.Dropout(0.1),
            nn.Linear(128, 128), nn.SiLU(), nn.Dropout(0.1),
            nn.Linear(128, n_classes),
        )  # fmt: skip

    def forward(self, x):
        numeric = x[:, : self.n_numeric]
        angle = torch.addcmul(self.phase, 2 * torch.pi * numeric.unsqueeze(-1), self.frequency)
        waves = torch.einsum("bnw,nws->bns", angle.sin(), self.weight)
        return self.layers(torch.cat([x, waves.flatten(-2), self.bins(numeric)], -1))


def sequential(n_features, n_classes):
    return nn.Sequential(
        nn.Linear(n_features, 128), nn.SiLU(), nn.Dropout(0.1),
        nn.Linear(128, 128), nn.SiLU(), nn.Dropout(0.1),
        nn.Linear(128, n_classes),
    )  # fmt: skip


def bare_loop(X, y, net):
    optimizer = torch.optim.AdamW(net.parameters(), lr=LR, weight_decay=ALPHA, fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    loss_function = nn.CrossEntropyLoss()
    n_train = int(len(X) * (1 - HELD_OUT))
    best, best_state = np.inf, None
    for _ in range(EPOCHS):
        net.train()
        for rows in torch.randperm(n_train).split(BATCH):
            optimizer.zero_grad()
            loss = loss_function(net(X[rows]), y[rows])
            loss.backward()
            optimizer.step()
            loss.item()
        schedule.step()
        net.eval()
        with torch.no_grad():
            held_out = loss_function(net(X[n_train:]), y[n_train:]).item()
        if held_out < best:
            best, best_state = held_out, copy.deepcopy(net.state_dict())
    net.load_state_dict(best_state)


def stock_skorch(X, y, edges):
    NeuralNetClassifier(
        PlainMLP(edges, X.shape[1], int(y.max()) + 1),
        criterion=nn.CrossEntropyLoss,
        optimizer=torch.optim.AdamW,
        optimizer__weight_decay=ALPHA,
        lr=LR,
        max_epochs=EPOCHS,
        batch_size=BATCH,
        iterator_train__shuffle=True,
        train_split=ValidSplit(HELD_OUT, stratified=True),
        verbose=0,
    ).fit(X, y)


def ours(table, labels, cv, estimators=None, module="auto"):
    MutualInfoClassifier(
        cv=cv, validation_fraction=HELD_OUT, max_iter=EPOCHS, n_iter_no_change=EPOCHS,
        batch_size=BATCH, learning_rate_init=LR, alpha=ALPHA, random_state=0,
        n_threads=torch.get_num_threads(), estimators=estimators, module=module,
    ).fit(table, labels)  # fmt: skip


def median_ratios(runs, baseline, rounds, clock=time.perf_counter):
    """Median over the rounds of each run's time over the baseline's, and median seconds."""
    seconds = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            start = clock()
            run()
            seconds[name].append(clock() - start)
    seconds = {name: np.array(values[1:]) for name, values in seconds.items()}  # first: warm-up
    return {
        name: (np.median(values), np.median(values / seconds[baseline]))
        for name, values in seconds.items()
    }


def make_table(n_columns):
    return make_classification(
        2000, n_columns, n_informative=n_columns // 2, n_classes=3, class_sep=0.8, random_state=0
    )


def compare(n_columns, rounds):
    """Print one block of the table."""
    table, labels = make_table(n_columns)
    encoder, rows = TableEncoder().fit(table), [np.arange(len(table))]
    matrix = encoder.transform(table)
    edges = make_edges(encoder.encoding, encoder.read(table), rows)[0]
    X, y = torch.as_tensor(matrix), torch.as_tensor(labels)
    one = "MutualInfoClassifier, cv=None"
    runs = {
        "bare torch loop": lambda: bare_loop(X, y, PlainMLP(edges, X.shape[1], 3)),
        one: lambda: ours(table, labels, None),
        "NeuralNetClassifier of skorch": lambda: stock_skorch(matrix, labels, edges),
        "MutualInfoClassifier, cv=5": lambda: ours(table, labels, 5),
        "cv=5, with its companions": lambda: ours(table, labels, 5, "auto"),
    }
    result = median_ratios(runs, one, rounds)
    print(f"\n{n_columns} columns, {torch.get_num_threads()} thread(s)      seconds  / one network")
    for name, (seconds, ratio) in result.items():
        print(f"  {name:32} {seconds:7.3f}  {ratio:6.2f}")
    print(f"  one network / bare loop: {1 / result['bare torch loop'][1]:.2f}", flush=True)


def compare_own(n_columns, rounds):
    """The same for a network of the user's."""
    table, labels = make_table(n_columns)
    X, y = torch.as_tensor(TableEncoder().fit(table).transform(table)), torch.as_tensor(labels)
    bare = "bare torch loop"
    runs = {
        bare: lambda: bare_loop(X, y, sequential(X.shape[1], 3)),
        "nn.Sequential, cv=None": lambda: ours(table, labels, None, module=sequential),
        "nn.Sequential, cv=5": lambda: ours(table, labels, 5, module=sequential),
    }
    print(f"\n{n_columns} columns, {torch.get_num_threads()} thread(s)      seconds  / bare loop")
    for name, (seconds, ratio) in median_ratios(runs, bare, rounds, time.process_time).items():
        print(f"  {name:32} {seconds:7.3f}  {ratio:6.2f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="?", choices=["default", "own"], default="default")
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    rounds = arguments.rounds + 1
    print(describe())
    for n_columns in [8, 20]:
        for threads in [1, 2] if arguments.part == "default" else [1]:
            torch.set_num_threads(threads)
            {"default": compare, "own": compare_own}[arguments.part](n_columns, rounds)
    if arguments.part == "own":
        compare_frozen(rounds)


if __name__ == "__main__":
    main()
