"""
Would more rows help?
=====================

Before more data are collected: how does the information grow with the rows that there are, and
where is it heading? A power law says what twice the rows would bring, with an interval.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.inspection import MutualInfoCurveDisplay, mutual_info_curve

# %%
# A table of three classes, each of two clusters, among ten columns.
X, y = make_classification(
    600, 10, n_informative=5, n_classes=3, n_clusters_per_class=2, class_sep=1.0, random_state=0
)

# %%
# Two classifiers, side by side. A linear one has soon found all that it ever will: no number of
# rows shows it clusters. Networks, trees and their pool still gain.
linear = make_pipeline(StandardScaler(), LogisticRegression())
pooled = MutualInfoClassifier(max_iter=20, n_threads=1, random_state=0)
curves = {
    "logistic regression": mutual_info_curve(linear, X, y, cv=3, random_state=0),
    "MutualInfoClassifier": mutual_info_curve(pooled, X, y, cv=3, random_state=0),
}
figure, axes = plt.subplots(1, 2, figsize=(11, 4.2), sharey=True, layout="constrained")
for ax, (name, curve) in zip(axes, curves.items(), strict=True):
    MutualInfoCurveDisplay.from_results(curve, ax=ax)
    ax.set_title(name)
axes[1].set_ylabel("")
plt.show()

# %%
# What twice the rows would bring. The interval knows of the rows and of chance in training, and
# that the exponent of the law is not known either.
for name, curve in curves.items():
    print(
        f"{name}: {curve.mutual_info[-1]:.2f} nats now, {curve.doubled:.2f} "
        f"({curve.doubled_low:.2f} to {curve.doubled_high:.2f}) of twice the rows, "
        f"at most {curve.label_entropy:.2f}"
    )
