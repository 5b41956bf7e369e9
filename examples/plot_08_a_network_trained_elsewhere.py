"""
What does a network that was trained elsewhere tell about your images?
======================================================================

Few people train a network for images from nothing. They take one that was trained on many other
images, freeze it, and learn a new last layer. Every image then goes through the frozen part once,
whatever the number of epochs and folds, and maps of information still show where it is.
"""

import time
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from torch import nn

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.datasets import make_cluttered_images
from sklearn_mi.inspection import InfoCAMDisplay
from sklearn_mi.modules import ConvNet

# %%
# Digits of some writers are the other images, many of them. Ours are 200, and only odd or even.
digits = load_digits()
objects, digit = digits.images / 16, digits.target
clutter = {"image_size": (14, 14), "fragment_size": 2}
X_other, y_other, _ = make_cluttered_images(
    objects[:1000], digit[:1000], n_samples=1500, random_state=0, **clutter
)
X, y, _ = make_cluttered_images(
    objects[1000:1400], digit[1000:1400] % 2, n_samples=200, random_state=1, **clutter
)
X_new, y_new, boxes = make_cluttered_images(
    objects[1400:], digit[1400:] % 2, random_state=2, **clutter
)

# %%
# A network is trained on the others, in units of their mean and spread. It is as good as any to
# stand for one from a wheel or a file.
mean, spread = X_other.mean(), X_other.std()
build = partial(ConvNet, stages=(16, 32))
options = {"learning_rate_init": 0.02, "batch_size": 32, "random_state": 0}
trained = MutualInfoClassifier(module=build, max_iter=10, cv=None, **options)
trained.fit((X_other - mean) / spread, y_other)
backbone = trained.net_.module_.member(0).features

# %%
# ``requires_grad_(False)`` freezes it, and ``eval()`` says that its batch normalisation is meant to
# go by what it has seen elsewhere. A frozen first part sees pixels as they are passed, so that they
# are to be in the units that it was trained on.
backbone.requires_grad_(False).eval()
network = nn.Sequential(backbone, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 2))
results = {}
for name, module in [("frozen", network), ("from nothing", build)]:
    start = time.perf_counter()
    clf = MutualInfoClassifier(module=module, max_iter=20, cv=5, **options)
    results[name] = clf.fit((X - mean) / spread, y)
    seconds = time.perf_counter() - start
    information = f"{clf.mutual_info_score_:.2f} ± {clf.mutual_info_stderr_:.2f} nats"
    accuracy = clf.score((X_new - mean) / spread, y_new)
    print(f"{name:12} {information}, accuracy {accuracy:.2f}, {seconds:.1f} seconds")

# %%
# None of our images had a say in the frozen part, so the estimate is as honest as ever. Maps come
# from the whole network: red speaks for the label, blue against it.
clf = results["frozen"]
shown = np.flatnonzero(clf.predict((X_new - mean) / spread) == y_new)[:3]
InfoCAMDisplay.from_estimator(
    clf,
    (X_new[shown] - mean) / spread,
    y_new[shown],
    kind=["cam", "info_cam"],
    boxes_true=boxes[shown],
    limit="map",
)
plt.show()
