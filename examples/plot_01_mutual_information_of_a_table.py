"""
How much does a table tell about its label?
===========================================

A classifier is usually asked how often it is right. Here it is asked how much its inputs tell:
the mutual information I(X; Y), between 0 and the entropy H(Y), which is all there is to know.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.datasets import load_diabetes

from sklearn_mi import MutualInfoClassifier

# %%
# Ten measurements of 442 patients, and how far their diabetes has progressed a year later, cut
# into thirds. Three equally frequent classes have an entropy of log 3 = 1.1 nats.
X, progression = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
names = ["slow", "medium", "fast"]
y = pd.qcut(progression, 3, labels=names).astype(str)

clf = MutualInfoClassifier(random_state=0).fit(X, y)
low, high = clf.mutual_info_interval(0.95)
print(f"H(Y)    {clf.label_entropy_:.2f} nats")
print(f"I(X; Y) {clf.mutual_info_score_:.2f} nats, 95% interval {low:.2f} to {high:.2f}")

# %%
# Each row was scored by a network that had not seen it. The same question can be asked of one
# column at a time. Three networks without trees keep that short, and may find a little less. The
# columns overlap, so that their values do not add up to that of the table.
networks = MutualInfoClassifier(estimators=None, cv=3, random_state=0)
alone = {name: clone(networks).fit(X[[name]], y) for name in ["age", "bmi", "bp", "s3", "s5", "s6"]}
strongest = sorted(alone, key=lambda name: alone[name].mutual_info_score_)
fits = [*[(name, alone[name]) for name in strongest], ("all columns", clf)]

# %%
# The estimate is a mean over the rows, of log q(y|x) / p(y) for the label that each row has. A
# row below zero is one whose label the table makes less likely than the class frequencies do.
order = [list(clf.classes_).index(name) for name in names]
pointwise = clf.oof_log_proba_ - np.log(clf.class_prior_)

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
for row, (_, fit) in enumerate(fits):
    color = "#0072B2" if fit is clf else "#8A99A8"
    low, high = fit.mutual_info_interval(0.95)
    left.barh(row, clf.label_entropy_, color="#EAEAEA", height=0.7)
    left.barh(row, fit.mutual_info_score_, color=color, height=0.7)
    left.plot([low, high], [row, row], color="#222222", lw=1.3)
left.set_yticks(range(len(fits)), [name for name, _ in fits])
left.set_xlim(min(0, left.get_xlim()[0]), clf.label_entropy_)
left.set_xlabel("nats; the full width is H(Y)")
left.set_title("What tells about the progression", loc="left", fontweight="bold")

bins = np.linspace(-2.5, np.log(3), 30)
rows = [pointwise[(y == names[k]).to_numpy(), column] for k, column in enumerate(order)]
right.hist(rows, bins, stacked=True, color=["#56B4E9", "#C8C8C8", "#D55E00"], label=names)
right.axvline(clf.mutual_info_score_, color="#222222", lw=1.3)
right.annotate(
    "mean: I(X; Y)", (clf.mutual_info_score_, 1), (-5, -10), ("data", "axes fraction"),
    "offset points", ha="right",
)  # fmt: skip
right.legend(title="progression", frameon=False, loc="center left")
right.set(xlabel="nats that the table tells about the label of a row", ylabel="rows")
right.set_title("Row by row", loc="left", fontweight="bold")
for axes in (left, right):
    axes.spines[["top", "right"]].set_visible(False)
plt.show()
