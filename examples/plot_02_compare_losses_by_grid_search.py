"""
Which loss suits imbalanced classes?
====================================

Cross-entropy and the probability-corrected softmax estimate the same quantity. What they differ
in is how they decide: the second one as if all classes were equally frequent. A grid search shows
both, with mutual information to choose by and balanced accuracy beside it.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_classification
from sklearn.model_selection import GridSearchCV, StratifiedKFold

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.metrics import mutual_info_scorer

# %%
# Four classes, of which the rarest has about 3% of the rows.
X, y = make_classification(
    n_samples=1200, n_features=10, n_informative=6, n_redundant=0, n_classes=4, class_sep=1.0,
    n_clusters_per_class=1, weights=[0.7, 0.2, 0.07, 0.03], random_state=3,
)  # fmt: skip
print("rows of each class:", np.bincount(y))

# %%
# `predict_proba` is the posterior under the class frequencies of the data, whatever the loss, so
# that the scorer compares like with like. The classifier has folds of its own; within a search
# few folds, and networks without trees, keep it short.
losses = ["ce", "pc_softmax", "dmi"]
search = GridSearchCV(
    MutualInfoClassifier(cv=2, estimators=None, learning_rate_init=0.01, random_state=0),
    {"loss": losses},
    scoring={"mutual_info": mutual_info_scorer, "balanced_accuracy": "balanced_accuracy"},
    refit="mutual_info",
    cv=StratifiedKFold(3, shuffle=True, random_state=0),
).fit(X, y)
print("highest mutual information:", search.best_params_["loss"])

# %%
# The points are the folds of the search. The information that "ce" and "pc_softmax" find differs
# less between them than between folds; balanced accuracy is where the second one gains. "dmi" is
# made for labels of which many are wrong. Its probabilities speak of the true class, so that they
# can say less about the labels of the table, by which the search scores them.
panels = {"mutual_info": "Mutual information, nats", "balanced_accuracy": "Balanced accuracy"}
colors = ["#0072B2", "#D55E00", "#009E73"]
figure, axes = plt.subplots(1, 2, figsize=(9, 3), layout="constrained", sharey=True)
for panel, (metric, title) in zip(axes, panels.items(), strict=True):
    folds = np.array([search.cv_results_[f"split{k}_test_{metric}"] for k in range(3)])
    for row, color in enumerate(colors):
        panel.plot(folds[:, row], [row] * 3, "o", color=color, alpha=0.4, ms=7)
        panel.plot(folds[:, row].mean(), row, "|", color=color, ms=26, mew=3)
        panel.annotate(
            f"{folds[:, row].mean():.2f}", (folds[:, row].mean(), row), (0, 16),
            textcoords="offset points", ha="center", color=color, fontweight="bold",
        )  # fmt: skip
    panel.set_title(title, loc="left", fontweight="bold")
    panel.grid(axis="x", color="#E6E6E6")
    panel.set_axisbelow(True)
    panel.locator_params(axis="x", nbins=5)
    panel.spines[["top", "right", "left"]].set_visible(False)
    panel.tick_params("y", length=0)
axes[0].set_yticks(range(len(losses)), losses)
axes[0].set_ylim(len(losses) - 0.5, -0.7)
plt.show()
