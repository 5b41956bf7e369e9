"""Whoever needs rows in memory says so to a path, a Dataset, or the name of a label."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset
import pytest
from sklearn.tree import DecisionTreeClassifier

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.decomposition import InformationBottleneck, MutualInfoAutoencoder
from sklearn_mi.feature_selection import SelectByMutualInfo
from sklearn_mi.generation import MutualInfoGAN
from sklearn_mi.inspection import (
    conditional_mutual_info,
    feature_mutual_info,
    label_quality,
    mutual_info_curve,
)
from sklearn_mi.model_selection import cross_val_mutual_info

Y = np.arange(20) % 2
TREE = DecisionTreeClassifier()
ASK = {
    "partial_fit": lambda X: MutualInfoClassifier().partial_fit(X, Y, classes=[0, 1]),
    "features": lambda X: feature_mutual_info(X, Y),
    "conditional": lambda X: conditional_mutual_info(X, Y, given=[0]),
    "curve": lambda X: mutual_info_curve(TREE, X, Y),
    "labels": lambda X: label_quality(TREE, X, Y, cv=3),
    "cross_val": lambda X: cross_val_mutual_info(TREE, X, Y),
    "bottleneck": lambda X: InformationBottleneck().fit(X, Y),
    "autoencoder": lambda X: MutualInfoAutoencoder(2).fit(X),
    "generator": lambda X: MutualInfoGAN().fit(X, Y),
    "selection": lambda X: SelectByMutualInfo().fit(X, Y),
}
DATASET = pyarrow.dataset.dataset(pa.table({"a": np.arange(20.0)}))


@pytest.mark.parametrize("X", ["visits", Path("visits"), DATASET], ids=["str", "path", "dataset"])
@pytest.mark.parametrize("ask", ASK)
def test_files_are_refused(ask, X):
    with pytest.raises(TypeError, match=r"rows in memory are needed.*pandas.read_parquet"):
        ASK[ask](X)


def test_the_name_of_a_label_beside_a_frame():
    frame = pd.DataFrame({"a": np.arange(20.0), "job": Y})
    with pytest.raises(TypeError, match=r"y='job' is a str.*X\.drop\(columns='job'\) and X\['job"):
        MutualInfoClassifier().fit(frame, "job")
