"""
Where in an image is the information about its label?
=====================================================

Small digits lie somewhere on a larger canvas, among fragments of other digits and noise. A network
learns which digit it is, from labels alone; maps of information then show where it looks.
"""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.datasets import make_cluttered_images
from sklearn_mi.inspection import InfoCAMDisplay, bounding_boxes, info_cam
from sklearn_mi.metrics import localization_accuracy_score
from sklearn_mi.modules import ConvNet

# %%
# The digits of scikit-learn, 8 pixels wide. Some are kept for testing.
digits = load_digits()
objects = digits.images / 16
clutter = {"image_size": (14, 14), "fragment_size": 2}
X, y, _ = make_cluttered_images(
    objects[:1400], digits.target[:1400], n_samples=1800, random_state=0, **clutter
)
X_test, y_test, boxes = make_cluttered_images(
    objects[1400:], digits.target[1400:], random_state=1, **clutter
)

# %%
# Images are passed as they are, (n, channels, height, width). One small network (`cv=None`) is
# enough here; more channels and epochs, as by default, would do better.
clf = MutualInfoClassifier(
    "pc_softmax",
    module=partial(ConvNet, stages=(16, 32)),
    max_iter=14,
    learning_rate_init=0.02,
    batch_size=32,
    cv=None,
    random_state=0,
).fit(X, y)
print(f"{clf.mutual_info_score_:.2f} ± {clf.mutual_info_stderr_:.2f} nats of {np.log(10):.2f}")
print(f"accuracy on other images {clf.score(X_test, y_test):.3f}")

# %%
# The score of a class is a mean over the image, and differences of scores are differences of
# pointwise mutual information. So a map of them, in nats per pixel, adds up to the information that
# the image holds: about its label against the mean of the others ("info_cam"), or against the one
# that is least likely ("info_cam_plus").
result = info_cam(clf, X_test, y_test)
others = (result.scores.sum(axis=1) - result.scores[np.arange(len(y_test)), y_test]) / 9
lead = result.scores[np.arange(len(y_test)), y_test] - others
error = abs(result.maps.sum(axis=(1, 2)) + result.offsets - lead).max()
print(f"sum of a map less the lead of its label: at most {error:.0e} nats")

# %%
# A box around the largest region above a share of the maximum tells where the digit is. The share
# matters more than the kind of map: choose it on other images than those that are scored.
half = np.arange(len(y_test)) % 2 == 0
thresholds = np.linspace(0, 0.9, 10)
for kind in ["cam", "info_cam", "info_cam_plus"]:
    maps = info_cam(clf, X_test, y_test, kind=kind).maps
    scores = localization_accuracy_score(boxes[half], bounding_boxes(maps[half], thresholds))
    chosen = thresholds[scores.argmax()]
    found = bounding_boxes(maps[~half], chosen)
    right = localization_accuracy_score(boxes[~half], found)
    print(f"{kind:14} threshold {chosen:.2f}, digits found {right:.2f}")

# %%
# Red speaks for the label, blue against it.
shown = np.flatnonzero(clf.predict(X_test) == y_test)[:3]
InfoCAMDisplay.from_estimator(
    clf,
    X_test[shown],
    y_test[shown],
    kind=["cam", "info_cam", "info_cam_plus"],
    threshold=0.4,
    boxes_true=boxes[shown],
    limit="map",
)
plt.show()
