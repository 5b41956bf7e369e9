"""
Can a batch effect be removed that is no shift?
===============================================

Three laboratories measured the same. One has wired some columns the wrong way round, one reports
others squared. A map is to tell the classes apart, and not the laboratories.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier

from sklearn_mi.decomposition import EmbeddingDisplay, InformationBottleneck
from sklearn_mi.model_selection import cross_val_mutual_info

# %%
# Six columns and three classes. Bern has the signs of three columns wrong; Cork squares the others,
# and its instrument is worse.
rng = np.random.default_rng(0)
n_rows = 600
y = rng.choice(["healthy", "mild", "severe"], n_rows)
laboratory = pd.Series(rng.choice(["Aarhus", "Bern", "Cork"], n_rows), name="laboratory")
middle = np.random.default_rng(3).standard_normal((3, 6))
X = middle[np.unique(y, return_inverse=True)[1]] + 0.5 * rng.standard_normal((n_rows, 6))
in_bern, in_cork = laboratory == "Bern", laboratory == "Cork"
X[in_bern, :3] *= -1
X[in_cork, 3:] = X[in_cork, 3:] ** 2 - 1
X[in_cork] += rng.standard_normal((in_cork.sum(), 6))

# %%
# What the columns tell of the laboratory. The usual remedy, to take off the mean of each, leaves
# most of it, for it is not the means that differ.
centred = X - pd.DataFrame(X).groupby(laboratory).transform("mean").to_numpy()
forest = RandomForestClassifier(random_state=0)
for what, columns in {"as they are": X, "without means": centred}.items():
    told = cross_val_mutual_info(forest, columns, laboratory, calibrate=True)
    print(f"columns {what}: I(X; S) = {told.score:.2f} ± {told.standard_error:.2f} nats")

# %%
# A bottleneck forgets most of the laboratory by itself, as it does not help to tell the classes
# apart; but where in its class a row lies still says where it was measured. With weight 0 the
# nuisance is looked at and not removed. "auto" removes it, at some cost to the classes.
figure, axes = plt.subplots(2, 2, figsize=(11, 9.5), layout="constrained")
for row, weight in zip(axes, [0, "auto"], strict=True):
    bottleneck = InformationBottleneck(
        beta=0.1, nuisance_weight=weight, max_iter=40, cv=3, random_state=0
    )
    bottleneck.fit(X, y, nuisance=laboratory)
    EmbeddingDisplay.from_estimator(bottleneck, y, nuisance=laboratory, ax=row)
    row[0].set_title(f"nuisance_weight={weight!r}\n{row[0].get_title()}", fontsize="medium")
    print(
        f"nuisance_weight={weight!r}: "
        f"I(Z; Y) = {bottleneck.mutual_info_score_:.2f} ± {bottleneck.mutual_info_stderr_:.2f}, "
        f"I(Z; S) = {bottleneck.nuisance_mutual_info_:z.3f} "
        f"± {bottleneck.nuisance_mutual_info_stderr_:.3f}, of the noisy code at most "
        f"{bottleneck.nuisance_rate_:.3f} nats"
    )
plt.show()

# %%
# A classifier that finds nothing is no proof that nothing is there. `nuisance_rate_` is a bound
# from above, but on the code with its noise, not on its mean, which is drawn and judged. It says
# little where beta is so small that the codes of no two rows overlap.
