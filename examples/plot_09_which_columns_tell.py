"""
Which columns hold the information?
===================================

A column may tell much alone and nothing beyond the others, since another says the same; or nothing
alone and much together with another. What each tells comes with an interval, in nats.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_wine
from sklearn.naive_bayes import GaussianNB

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.inspection import FeatureMutualInfoDisplay, feature_mutual_info

# %%
# A table whose answer is known: a machine fails where the load goes against the season, hot and
# high or cold and low, with some luck. The second thermometer stands beside the first.
rng = np.random.default_rng(0)
n_rows = 800
heat, load, wear = rng.standard_normal((3, n_rows))
log_odds = 4 * np.tanh(2 * heat * load) + 0.8 * wear
y = np.where(rng.random(n_rows) < 1 / (1 + np.exp(-log_odds)), "fails", "runs")
X = pd.DataFrame(
    {
        "heat": heat,
        "other thermometer": heat + 0.3 * rng.standard_normal(n_rows),
        "load": load,
        "wear": wear,
        "inspector": rng.choice(["Ann", "Bob", "Cem"], n_rows),
    }
)

# %%
# Networks of all subsets of the columns, in all folds, train together. "alone" sees nothing of heat
# and load, as neither tells by itself; "beyond all others" sees little of the heat, since there is
# another thermometer. Shares of the total see both. The matrix says why: load needs heat.
clf = MutualInfoClassifier(max_iter=30, random_state=0)
kinds = ["marginal", "conditional", "shapley", "interaction"]
result = feature_mutual_info(X, y, estimator=clf, kind=kinds)
display = FeatureMutualInfoDisplay.from_results(result)
plt.show()

# %%
# The two thermometers as one group: what they tell together comes to light.
groups = {"thermometers": ["heat", "other thermometer"], "load": "load", "wear": "wear"}
grouped = feature_mutual_info(X, y, estimator=clf, kind="conditional", feature_groups=groups)
for name, value, error in zip(
    grouped.names, grouped.conditional, grouped.conditional_stderr, strict=True
):
    print(f"{name:13} {value:.2f} ± {error:.2f} nats beyond all others")

# %%
# Any classifier will do; here naive Bayes on wines. Much that is told alone, little that no other
# column tells: measurements of one thing repeat each other.
wine = load_wine(as_frame=True)
FeatureMutualInfoDisplay.from_estimator(GaussianNB(), wine.data, wine.target, max_features=8)
plt.show()
