"""
Does the code of an autoencoder say anything?
=============================================

An autoencoder with noise has to pay for each nat that its code tells of a row. Where its decoder
can do without the code, it is cheapest to say nothing: the code collapses. The rate of each
component shows it, and another objective mends it.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

from sklearn_mi.decomposition import MutualInfoAutoencoder

# %%
# Half of the digits, with 16 components. The autoregressive decoder tells each pixel by the code
# and by the pixels before it, which are most of what there is to know.
X, y = load_digits(return_X_y=True)
X, others, y, labels = train_test_split(X, y, test_size=0.5, random_state=0, stratify=y)
fitted = {}
for objective in ("vae", "info_vae"):
    autoencoder = MutualInfoAutoencoder(
        16, objective=objective, decoder="autoregressive", cv=3, random_state=0
    )
    fitted[objective] = autoencoder.fit(X)
    neighbours = KNeighborsClassifier(15).fit(autoencoder.transform(X), y)
    found = neighbours.score(autoencoder.transform(others), labels)
    n_told = (autoencoder.component_rates_ > 0.1).sum()
    print(
        f"{objective}: {n_told} of 16 components with a rate above 0.1 nats, rate in all "
        f"{autoencoder.rate_:.1f} nats, distortion {autoencoder.distortion_:.1f} nats, accuracy of "
        f"neighbours {found:.2f}"
    )

# %%
# Both make digits, but only one has them in its code: the other's decoder restores from a code that
# hardly says which digit it was.
figure, axes = plt.subplots(2, 3, figsize=(11, 6), layout="constrained")
for row, (objective, autoencoder) in zip(axes, fitted.items(), strict=True):
    made, _ = autoencoder.sample(8)
    shown = others[:8]
    restored = autoencoder.inverse_transform(autoencoder.transform(shown))
    row[0].bar(np.arange(1, 17), autoencoder.component_rates_, color="tab:blue")
    row[0].set(xlabel="component", ylabel="rate in nats", title=f'objective="{objective}"')
    row[0].set(ylim=(0, 4), xticks=[1, 4, 8, 12, 16])
    pictures = np.vstack([shown, restored]).reshape(2, 8, 8, 8)
    row[1].imshow(np.block([list(line) for line in pictures]), cmap="gray_r")
    row[1].set_title("digits, and what is restored of them")
    row[2].imshow(np.block([list(line) for line in made.reshape(2, 4, 8, 8)]), cmap="gray_r")
    row[2].set_title("made of nothing")
    for ax in row[1:]:
        ax.set(xticks=[], yticks=[])
plt.show()
