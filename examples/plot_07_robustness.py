"""
How much can an adversary take away?
====================================

A digit of which each pixel moves by a few grey levels is the same digit to us. To a network it need
not be. Attacks search for the worst such move of each image. What survives them is counted twice:
decisions that stay right, and nats of information that the probabilities still hold.
"""

from functools import partial

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.inspection import RobustnessDisplay, adversarial_robustness
from sklearn_mi.modules import ConvNet

# %%
# Pixels lie in [0, 1], so that a radius of 0.1 is a tenth of the way from black to white. The rows
# that are attacked are not those of the fit.
digits = load_digits()
X, X_test, y, y_test = train_test_split(
    digits.images[:, None] / 16, digits.target, train_size=800, test_size=40,
    stratify=digits.target, random_state=0,
)  # fmt: skip

# %%
# Three ways to train one small network: "gccs", which wants the scores of each class to be a
# Gaussian far from the others; cross-entropy; and cross-entropy on images that an adversary has
# moved by up to 0.1. Few steps and queries keep it short; the defaults find more.
recipes = {
    "gccs": {"loss": "gccs"},
    "ce": {},
    "ce, adversarial training": {"adversarial_training": 0.1},
}
small = {"module": partial(ConvNet, stages=(16, 32)), "max_iter": 10, "batch_size": 64}
small["learning_rate_init"] = 0.02
brief = {"max_iter": 8, "n_restarts": 0, "max_queries": 100, "random_state": 0}
results = {}
for name, recipe in recipes.items():
    clf = MutualInfoClassifier(**recipe, **small, cv=None, random_state=0).fit(X, y)
    results[name] = adversarial_robustness(clf, X_test, y_test, eps=[0, 0.05, 0.1, 0.2], **brief)
    print(f"{name:25} accuracy {results[name].accuracy.round(2)}")
    print(f"{'':25} nats     {results[name].mutual_info.round(2)}")

# %%
# Below the dashed line at 0 nats, probabilities are worse than the class frequencies: where an
# adversary finds the way, a network is not just wrong but sure of it. Many decisions may still be
# right then.
#
# All figures are upper limits, as another attack may find more. The lower row looks into that, with
# the attacks on "gccs" one by one. Were "square", which needs no slopes, to find more than those
# that climb them, slopes would be hidden, and the lead over "ce" no more than that. It finds less
# than the better of them here, with its few queries.
figure, (above, below) = plt.subplots(2, 2, figsize=(9, 5.4), sharey="col", layout="constrained")
RobustnessDisplay.from_results(results, norm="inf", ax=above)
RobustnessDisplay.from_results(results["gccs"], norm="inf", ax=below, plot_attacks=True)
heads = ["Worst of all attacks, row by row", '"gccs" under each attack by itself']
for ax, head in zip([above[0], below[0]], heads, strict=True):
    ax.set_title(head, loc="left", fontsize="medium", fontweight="bold")
plt.show()
