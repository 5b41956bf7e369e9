"""
Does the estimate hold against a known truth?
=============================================

For generated data the mutual information can be computed. That shows how the estimate approaches
it as rows are added, and what a method that looks at one feature at a time cannot see.
"""

import matplotlib.pyplot as plt
from sklearn.base import clone
from sklearn.feature_selection import mutual_info_classif

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.datasets import make_gaussian_classes, make_xor

# %%
# Five Gaussian classes in one, two and five dimensions. In expectation the estimate is a lower
# bound: what a network has not learnt from few rows is missing from it. Networks alone, three of
# them, are enough here; by default five are pooled with trees.
sizes, dimensions = [150, 500, 1500], [1, 2, 5]
networks = MutualInfoClassifier(estimators=None, cv=3, learning_rate_init=0.01, random_state=0)
gaussian = {}
for n_features in dimensions:
    for n_samples in sizes:
        data = make_gaussian_classes(n_samples, n_features, return_X_y=False, random_state=1)
        clf = clone(networks).fit(data.X, data.y)
        gaussian[n_features, n_samples] = clf, data.mutual_info

# %%
# The exclusive or of two signs, with 5% of the labels flipped. Alone neither feature tells
# anything, and a method that looks at one at a time is right to say so; both together tell most.
xor = make_xor(1500, 2, return_X_y=False, random_state=0)
together = clone(networks).fit(xor.X, xor.y)
alone = mutual_info_classif(xor.X, xor.y, random_state=0)
print(f"alone {alone.round(3)}, together {together.mutual_info_score_:.3f} nats")

# %%
# Points are estimates with their 95% intervals, dashed lines the truth.
figure, (left, right) = plt.subplots(
    1, 2, figsize=(10, 4), layout="constrained", width_ratios=[3, 2]
)
for n_features, color in zip(dimensions, ["#0072B2", "#D55E00", "#009E73"], strict=True):
    truth = gaussian[n_features, sizes[0]][1]
    left.axhline(truth, color=color, ls="--", lw=1)
    name = f"{n_features} feature{'s' if n_features > 1 else ''}"
    left.annotate(
        name, (1, truth), (4, 0), ("axes fraction", "data"), "offset points", color=color,
        va="center",
    )  # fmt: skip
    for n_samples in sizes:
        clf, _ = gaussian[n_features, n_samples]
        left.plot([n_samples] * 2, clf.mutual_info_interval(0.95), color=color, lw=1.6)
        left.plot(n_samples, clf.mutual_info_score_, "o", color=color)
left.set_xscale("log")
left.set_xticks(sizes, [f"{n:,}" for n in sizes], minor=False)
left.minorticks_off()
left.set(xlabel="rows", ylabel="I(X; Y) in nats")
left.set_title("Gaussian classes", loc="left", fontweight="bold")

by = "alone, by\nmutual_info_classif"
labels = [f"first {by}", f"second {by}", "both together, by\nMutualInfoClassifier"]
right.barh(labels[:2], alone, color="#8A99A8", height=0.6)
right.barh(labels[2], together.mutual_info_score_, color="#0072B2", height=0.6)
right.plot(together.mutual_info_interval(0.95), [labels[2]] * 2, color="#222222", lw=1.4)
right.axvline(xor.mutual_info, color="#0072B2", ls="--", lw=1)
right.annotate(
    "truth", (xor.mutual_info, 1), (0, 3), ("data", "axes fraction"), "offset points", ha="center"
)
right.invert_yaxis()
for row, value in enumerate(alone):
    right.annotate(f"{value:.3f}", (value, row), (6, 0), textcoords="offset points", va="center")
right.set(xlabel="I(X; Y) in nats", xlim=(0, 0.55))
right.set_title("Exclusive or", loc="left", fontweight="bold")
for axes in (left, right):
    axes.spines[["top", "right"]].set_visible(False)
plt.show()
