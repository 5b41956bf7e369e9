"""Are two processes that share every batch, through accelerate, as good and quicker than one?

    python benchmarks/data_parallel.py            # networks of 1,024 units, batches of 2,048

Each process has all rows, draws the same batches, takes its share of each, and adds its gradients
to those of the others; so all have the same networks after every step, and each ends with the same
classifier. On CPUs the processes talk by gloo, on several GPUs by NCCL. Without dropout, for masks
are drawn for a share. Seconds of training, of one thread a process, and those of computing, which
include those of a process that waits for the other.
"""

import argparse
import os
import subprocess
import sys
import time

import numpy as np
import torch
from _machine import describe
from sklearn.datasets import make_classification
from skorch.callbacks import Callback

from sklearn_mi import MutualInfoClassifier


class Share:
    """Every so-and-so-many-th row of each batch, of all members."""

    def __init__(self, batches, own):
        self.batches, self.own = batches, own

    def __iter__(self):
        for X, target in self.batches:
            yield X[:, self.own], tuple(each[:, self.own] for each in target)


class Shared(Callback):
    """Takes the share of this process of every batch, and the gradients of all shares."""

    def __init__(self, accelerator):
        self.accelerator = accelerator

    def on_train_begin(self, net, **kwargs):
        whole, process = net.iterator_train, self.accelerator.process_index
        own = slice(process, None, self.accelerator.num_processes)
        net.iterator_train = lambda *args, **params: Share(whole(*args, **params), own)

    def on_grad_computed(self, net, named_parameters, batch=None, **kwargs):
        n_rows, gradients = batch[0].shape[1], [p.grad for _, p in named_parameters]
        flat = torch.cat([n_rows * each.flatten() for each in gradients] + [torch.tensor([n_rows])])
        *sums, total = self.accelerator.reduce(flat).split([g.numel() for g in gradients] + [1])
        for gradient, own in zip(gradients, sums, strict=True):
            gradient.copy_((own / total).view_as(gradient))


def fit(arguments):
    """Print what this process finds, the seconds and how many of these it computed."""
    from accelerate import Accelerator

    torch.set_num_threads(1)
    X, y = make_classification(arguments.rows, 20, n_informative=10, random_state=0)
    clf = MutualInfoClassifier(
        hidden_layer_sizes=(arguments.width, arguments.width),
        batch_size=arguments.batch,
        max_iter=arguments.epochs,
        dropout=0,
        estimators=None,
        n_threads=1,
        random_state=0,
        callbacks=[Shared(Accelerator(cpu=True))],
    )
    start, cpu = time.perf_counter(), time.process_time()
    clf.fit(X, y)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    print(clf.mutual_info_score_, seconds, cpu, *clf.predict_proba(X[:200])[:, 0])


def ask(n_processes, port):
    """What the first of some processes that fit together prints."""
    common = {"WORLD_SIZE": n_processes, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    common |= {"ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": 1}
    command = [sys.executable, "-W", "ignore", *sys.argv, "--process"]
    processes = [
        subprocess.Popen(
            command,
            env={**os.environ, **{k: str(v) for k, v in own.items()}},
            stdout=subprocess.PIPE,
            text=True,
        )
        for own in [{**common, "RANK": r, "LOCAL_RANK": r} for r in range(n_processes)]
    ]
    said = [process.communicate()[0].split() for process in processes]
    return [np.array(words, float) for words in said]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=8_000)
    parser.add_argument("--width", type=int, default=1_024)
    parser.add_argument("--batch", type=int, default=2_048)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--process", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.process:
        return fit(arguments)
    print(f"{describe()}, accelerate; load {os.getloadavg()[0]:.1f} before")
    (alone,), both = ask(1, 29_611), ask(2, 29_612)
    for name, (score, seconds, cpu, *_) in [("one", alone), *(("of two", own) for own in both)]:
        print(f"    {name:7} {score:.6f} nats, {seconds:6.1f} s, CPU {cpu:6.1f} s")
    apart = (
        max(abs(own[0] - alone[0]) for own in both),
        max(abs(own[3:] - alone[3:]).max() for own in both),
    )
    print(f"    apart by {apart[0]:.1g} nats, probabilities by {apart[1]:.1g}")


if __name__ == "__main__":
    main()
