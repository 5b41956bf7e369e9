"""
Which labels are wrong, and can one learn from them all the same?
=================================================================

With label noise, four even digits out of ten here are called by the next digit. The determinant-
based loss learns the true class from such labels, tells how they went wrong, and finds them.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import confusion_matrix, mutual_info_score
from sklearn.model_selection import train_test_split

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.datasets import make_label_noise
from sklearn_mi.inspection import label_quality

# %%
# Every 0, 2, 4, 6 and 8 of the training rows becomes its successor with probability 0.4. The test
# rows keep their labels.
X, y = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(X, y, train_size=1000, stratify=y, random_state=0)
observed = make_label_noise(y, 0.4, random_state=0)
wrong = observed != y
print(f"{wrong.sum()} of {len(y)} labels are wrong")

# %%
# Cross-entropy ("ce") believes them. Generalised cross-entropy ("gce") and "dmi" do not, and after
# training find the noise matrix, without a clean label. These two are equally good here; "forward"
# is slower, and often a little better. Three small networks and one forest keep this short; the
# defaults find a little more.
short = {"hidden_layer_sizes": (64,), "learning_rate_init": 0.01, "cv": 3, "random_state": 0}
short["estimators"] = [("trees", ExtraTreesClassifier())]
fits = {
    loss: MutualInfoClassifier(loss=loss, **short).fit(X, observed) for loss in ["ce", "gce", "dmi"]
}
accuracy = {loss: clf.score(X_test, y_test) for loss, clf in fits.items()}
for loss, right in accuracy.items():
    print(f"{loss:4} accuracy on clean labels {right:.3f}")

# %%
# `mutual_info_score_` is what the pixels tell about the observed label. That label is partly
# chance, so there is less to know of it than of the digit, which `clean_mutual_info_score_` is
# about. The second one rests on the noise matrix, and is no lower bound; its error holds what the
# labels leave open of that matrix. The table knows no more of the observed label than the true
# digit does.
dmi = fits["dmi"]
about_observed = f"{dmi.mutual_info_score_:.2f} ± {dmi.mutual_info_stderr_:.2f}"
about_digit = f"{dmi.clean_mutual_info_score_:.2f} ± {dmi.clean_mutual_info_stderr_:.2f}"
print(f"information on the observed label {about_observed} nats, on the digit {about_digit} nats")
print(
    f"information of the true digit on the observed label {mutual_info_score(y, observed):.2f} nats"
)

# %%
# `label_quality` is the probability of a label to be right, by networks and trees that did not see
# the row. Of the rows of the fit ask it, or `oof_log_proba_`, and not `predict`: the trees that
# `predict` pools have seen these labels, and know them by heart.
result = label_quality(dmi, X, observed)
doubted = result.suggested_labels != observed
print(f"{doubted.sum()} labels doubted, {(doubted & wrong).sum()} of them are wrong")
print(f"suggested label right {np.mean(result.suggested_labels == y):.3f}")
print(f"predict on the same rows right {np.mean(dmi.predict(X) == y):.3f}")

# %%
# The estimated matrix leans a little towards labels that are right. Below: observed label, and what
# is suggested instead; first the labels of the lowest quality, then the mistakes of the method.
figure = plt.figure(figsize=(10, 6.8), layout="constrained")
top, *rows = figure.subfigures(3, 1, height_ratios=[3, 1.25, 1.25])
bars, true_matrix, own_matrix = top.subplots(1, 3)
colors = ["#8A99A8", "#56B4E9", "#0072B2"]
bars.bar(list(accuracy), list(accuracy.values()), color=colors, width=0.6)
for place, right in enumerate(accuracy.values()):
    bars.annotate(f"{right:.3f}", (place, right), (0, 3), textcoords="offset points", ha="center")
bars.set(ylim=(0, 1.08), ylabel="accuracy on clean test labels", xlabel="loss")
bars.set_title("Learnt from wrong labels", loc="left", fontweight="bold")
bars.set_box_aspect(1)
bars.spines[["top", "right"]].set_visible(False)

flips = confusion_matrix(y, observed, normalize="true")
matrices = {"How the labels went wrong": flips, "Estimated by dmi": dmi.noise_matrix_}
for panel, (title, matrix) in zip([true_matrix, own_matrix], matrices.items(), strict=True):
    panel.imshow(matrix, cmap="Blues", vmin=0, vmax=1)
    for i, j in np.argwhere(matrix > 0.02):
        color = "white" if matrix[i, j] > 0.6 else "black"
        text = f"{matrix[i, j]:.2f}".lstrip("0")
        panel.text(j, i, text, ha="center", va="center", color=color, fontsize=7)
    panel.set(xticks=range(10), yticks=range(10), xlabel="observed label", ylabel="true digit")
    panel.set_title(title, loc="left", fontweight="bold")

worst = result.quality.argsort()
shown = {
    "The ten labels of the lowest quality": (worst, "#00775A"),
    "Right labels that are doubted most": (worst[(doubted & ~wrong)[worst]], "#D55E00"),
}
for strip, (title, (found, color)) in zip(rows, shown.items(), strict=True):
    strip.suptitle(title, x=0.01, ha="left", fontweight="bold")
    for place, row in enumerate(found[:10], start=1):
        panel = strip.add_subplot(1, 10, place)
        panel.imshow(X[row].reshape(8, 8), cmap="gray_r")
        panel.set_title(f"{observed[row]} → {result.suggested_labels[row]}", color=color)
        panel.set(xticks=[], yticks=[])
print(f"wrong among the ten of the lowest quality: {wrong[worst[:10]].sum()}")
plt.show()
