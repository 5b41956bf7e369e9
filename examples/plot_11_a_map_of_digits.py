"""
How much of a digit do two numbers keep?
========================================

Pictures of 64 pixels as points of a plane. A map that is trained by labels is easily drawn too
well, by networks that know the label of each point; here each point is placed by networks that do
not, and what the map tells is estimated in nats.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.linalg import orthogonal_procrustes
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.decomposition import (
    EmbeddingDisplay,
    InformationBottleneck,
    InformationCurveDisplay,
)

X, y = load_digits(return_X_y=True)
X, y = X[::3], y[::3]
folds = list(StratifiedKFold(5, shuffle=True, random_state=0).split(X, y))

# %%
# The bottleneck trains its networks in all folds and for all betas together. `fit_transform` gives
# the map out of fold, `mutual_info_score_` what a classifier that has no part in it finds there.
bottleneck = InformationBottleneck(beta=[0.03, 0.1, 0.3], max_iter=40, cv=folds, random_state=0)
coded = bottleneck.fit_transform(X, y)

# %%
# Beside it two linear maps of the same rows: the principal components, which see no labels, and
# discriminants, which do and so are cross-fitted in the same folds. Each fold has axes of its own;
# a rotation lays its map on the principal components, for which it needs no label.
components = PCA(2).fit_transform(X)
discriminants = np.empty((len(X), 2))
for train, held_out in folds:
    lda = LinearDiscriminantAnalysis(n_components=2).fit(X[train], y[train])
    turned, _ = orthogonal_procrustes(lda.transform(X), components)
    discriminants[held_out] = lda.transform(X[held_out]) @ turned

# %%
# The same judge for all three: what a default classifier finds in two columns in the same folds.
# And how many of the held-out rows their 15 nearest neighbours name.
figure, axes = plt.subplots(1, 3, figsize=(15, 5), layout="constrained")
for ax, Z in zip(axes, [components, discriminants], strict=False):
    judge = MutualInfoClassifier(cv=folds, random_state=0).fit(Z, y)
    told = judge.mutual_info_score_, *judge.mutual_info_interval()
    EmbeddingDisplay(Z, y, mutual_info=told).plot(ax=ax)
EmbeddingDisplay.from_estimator(bottleneck, y, ax=axes[2])

names = ["principal components", "linear discriminants", "information bottleneck"]
for ax, name, Z in zip(axes, names, [components, discriminants, coded], strict=True):
    right = cross_val_score(KNeighborsClassifier(15), Z, y, cv=folds).mean()
    ax.set_title(f"{name}, {right:.0%} by neighbours\n{ax.get_title()}", fontsize="medium")
plt.show()

# %%
# The information plane. To the left codes hold less of the picture; at first that costs little, as
# most of what a picture holds is not about the digit. Of the betas the smallest rate was chosen
# that is within one standard error of the most relevance.
InformationCurveDisplay.from_estimator(bottleneck)
plt.show()
