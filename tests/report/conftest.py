"""A table of flowers, as a frame, a report and a CSV."""

import brief_fits
import numpy as np
import pytest
from sklearn.datasets import load_iris

from sklearn_mi.report import make_report


@pytest.fixture(scope="module", autouse=True)
def brief():
    """What classifiers find is theirs; here it is told."""
    with brief_fits.few_epochs(), brief_fits.few_trees(), brief_fits.brief_searches():
        yield


@pytest.fixture(scope="module")
def table():
    """150 rows: numbers, text, missing values and a target of three classes."""
    X, y = load_iris(return_X_y=True, as_frame=True)
    X["colour"] = np.where(np.arange(150) % 7 == 0, None, np.where(y == 2, "blue", "white"))
    X.iloc[::11, 0] = np.nan
    return X.assign(species=np.array(["setosa", "versicolor", "virginica"])[y])


@pytest.fixture(scope="module")
def report(table, brief):
    X, y = table.drop(columns="species"), table["species"]
    return make_report(X, y, losses=("ce", "pc_softmax"), random_state=0)


@pytest.fixture
def csv(table, tmp_path):
    path = tmp_path / "iris.csv"
    table.to_csv(path, index=False)
    return str(path)
