"""
Does it help a rare class to make rows for it?
==============================================

SMOTE makes new rows on the lines between rows of a rare class. A generator learns where such rows
are. Where the class has several corners of the table, the lines run through what lies between.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import f1_score, recall_score
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

from sklearn_mi.generation import MutualInfoGAN

# %%
# Of a thousand rows sixty are rare. They stand on a ring, with five gaps where others are.


def draw(n_common, n_rare, seed):
    rng = np.random.default_rng(seed)
    angle = 2 * np.pi * (rng.integers(5, size=n_rare) + 0.4 * rng.random(n_rare)) / 5
    rare = np.c_[np.cos(angle), np.sin(angle)] * (2 + 0.1 * rng.standard_normal((n_rare, 1)))
    common = 1.3 * rng.standard_normal((n_common, 2))
    return np.r_[common, rare], np.repeat(["common", "rare"], [n_common, n_rare])


def smote(X, n_new, seed, n_neighbors=5):
    """New rows at random places between rows and their neighbours (Chawla et al., 2002)."""
    rng = np.random.default_rng(seed)
    near = NearestNeighbors(n_neighbors=n_neighbors).fit(X).kneighbors(return_distance=False)
    first = rng.integers(len(X), size=n_new)
    other = near[first, rng.integers(n_neighbors, size=n_new)]
    return X[first] + rng.random((n_new, 1)) * (X[other] - X[first])


X, y = draw(940, 60, seed=0)
gan = MutualInfoGAN(max_iter=600, random_state=0)
X_gan, y_gan = gan.fit_resample(X, y)
made = smote(X[y == "rare"], 880, seed=0)
resampled = {
    "as they are": (X, y),
    "SMOTE": (np.r_[X, made], np.r_[y, np.repeat("rare", 880)]),
    "MutualInfoGAN": (X_gan, y_gan),
}

# %%
# Judged on new rows, of which as few are rare. Resampling finds more of the rare class, and takes
# more common rows for rare ones: read both figures.
X_new, y_new = draw(9400, 600, seed=1)
figure, axes = plt.subplots(1, 3, figsize=(11, 4), sharex=True, sharey=True, layout="constrained")
for axis, (name, (rows, labels)) in zip(axes, resampled.items(), strict=True):
    told = KNeighborsClassifier().fit(rows, labels).predict(X_new)
    recall = recall_score(y_new, told, pos_label="rare")
    macro = f1_score(y_new, told, average="macro")
    for label, marker in (("common", "."), ("rare", "x")):
        own = labels == label
        axis.plot(*rows[own].T, marker, markersize=4, label=label)
    axis.set_title(f"{name}\nrecall {recall:.2f}, macro F1 {macro:.2f}", fontsize="medium")
    print(f"{name}: recall of the rare class {recall:.2f}, macro F1 {macro:.2f}")
axes[0].legend()
plt.show()

# %%
# Made rows hold no information that the rows have not. Another way to find more of a rare class is
# to decide under other frequencies, for which no row need be made: see `priors` of
# :class:`~sklearn_mi.MutualInfoClassifier`.
