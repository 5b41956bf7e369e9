"""What a frozen backbone costs: five folds and ten epochs against one pass over the images.

The backbone has the layers of a small residual network, and random weights, which cost as much as
others: 1,000 photographs of noise, 3 x 64 x 64 pixels, of which the classes are shades.
"""

import time

import numpy as np
import torch
from torch import nn

from sklearn_mi import MutualInfoClassifier

N_IMAGES, SIZE, EPOCHS, FEATURES = 1000, 64, 10, 128


class Block(nn.Module):
    """Two convolutions beside a shortcut, batch-normalised, half as high and wide."""

    def __init__(self, n_in, n_out):
        super().__init__()
        self.long = nn.Sequential(
            nn.Conv2d(n_in, n_out, 3, stride=2, padding=1), nn.BatchNorm2d(n_out), nn.ReLU(),
            nn.Conv2d(n_out, n_out, 3, padding=1), nn.BatchNorm2d(n_out),
        )  # fmt: skip
        self.short = nn.Conv2d(n_in, n_out, 1, stride=2)

    def forward(self, x):
        return (self.long(x) + self.short(x)).relu()


def make_network():
    torch.manual_seed(0)
    widths = [3, 32, 64, FEATURES]
    backbone = nn.Sequential(*map(Block, widths[:-1], widths[1:]))
    backbone = backbone.eval().requires_grad_(False)
    return nn.Sequential(backbone, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(FEATURES, 3))


def make_images():
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=N_IMAGES)
    noise = rng.normal(size=(N_IMAGES, 3, SIZE, SIZE))
    return (noise + 0.05 * y[:, None, None, None]).astype(np.float32), y


@torch.no_grad()
def one_pass(network, X):
    """Features of all images, as one would compute them by hand."""
    batches = torch.as_tensor(X).split(32)
    batches = (batch.contiguous(memory_format=torch.channels_last) for batch in batches)
    return torch.cat([network[:-1](batch) for batch in batches]).numpy()


def fit(module, X, y):
    options = {"estimators": None, "n_threads": torch.get_num_threads(), "random_state": 0}
    clf = MutualInfoClassifier(
        module=module, cv=5, max_iter=EPOCHS, batch_size=32, learning_rate_init=3e-3, **options
    )
    return clf.fit(X, y)


def seconds_of(run, *arguments):
    start = time.process_time()
    found = run(*arguments)
    return time.process_time() - start, found


def compare_frozen(rounds):
    """Print a block of the table."""
    network, (X, y), found = make_network(), make_images(), []
    for _ in range(rounds):
        of_pass, features = seconds_of(one_pass, network, X)
        of_head, _ = seconds_of(fit, nn.Linear, features, y)
        of_all, _ = seconds_of(fit, network, X, y)
        found.append((of_pass, of_head, of_all))
    found = np.array(found)[1:]  # first: warm-up
    by_hand = found[:, 0] + found[:, 1]
    names = ["one pass over the images", "cv=5, head on its features", "cv=5, frozen backbone"]
    print(f"\n{N_IMAGES} images, {torch.get_num_threads()} thread(s)     seconds  / pass and head")
    for name, seconds in zip(names, found.T, strict=True):
        ratio = np.median(seconds / by_hand)
        print(f"  {name:32} {np.median(seconds):7.3f}  {ratio:6.2f}", flush=True)
