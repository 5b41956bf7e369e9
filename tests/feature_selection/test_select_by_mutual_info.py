"""What `SelectByMutualInfo` keeps: known truths, its path, and how many columns are enough."""

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from sklearn.base import clone
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.datasets import make_xor
from sklearn_mi.feature_selection import SelectByMutualInfo
from sklearn_mi.inspection import conditional_mutual_info

BOOSTING = HistGradientBoostingClassifier(max_iter=15, max_leaf_nodes=6, random_state=0)
XOR = np.log(2) + 0.05 * np.log(0.05) + 0.95 * np.log(0.95)


@pytest.fixture(scope="module")
def parity():
    return make_xor(600, 8, random_state=0)


@pytest.fixture(scope="module")
def chain():
    """Y -> strong -> weak, a copy of strong, and an own clue; in this order, noise first."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 500)
    strong = y + 0.7 * rng.standard_normal(500)
    weak, own = strong + rng.standard_normal(500), y + 1.5 * rng.standard_normal(500)
    noise = rng.standard_normal(500)
    columns = {"noise": noise, "weak": weak, "strong": strong, "copy": strong, "own": own}
    return pd.DataFrame(columns), y


@pytest.fixture(scope="module")
def found(chain):
    return SelectByMutualInfo(GaussianNB()).fit(*chain)


def test_an_exclusive_or_enters_as_a_pair(parity):
    selector = SelectByMutualInfo(BOOSTING).fit(*parity)
    assert selector.get_support(indices=True).tolist() == [0, 1]
    assert abs(selector.mutual_info_path_[0]) < 0.02
    error = selector.mutual_info_path_stderr_[1]
    assert abs(selector.mutual_info_path_[1] - XOR) < 2 * error + 0.03
    assert set(selector.ranking_[:2]) == {1, 2} and min(selector.ranking_[2:]) == 3


def test_the_networks_of_a_step_find_it_too(parity):
    X, y = parity
    light = MutualInfoClassifier(hidden_layer_sizes=(16,), max_iter=10, n_threads=1)
    selector = SelectByMutualInfo(light, n_features_to_select=2, cv=2, random_state=0)
    assert selector.fit(X[:400, :4], y[:400]).get_support(indices=True).tolist() == [0, 1]


def test_a_pair_does_not_enter_where_there_is_room_for_one(parity):
    selector = SelectByMutualInfo(BOOSTING, n_features_to_select=1).fit(*parity)
    assert selector.support_.sum() == len(selector.mutual_info_path_) == 1


def test_backward_keeps_both(parity):
    X, y = parity
    selector = SelectByMutualInfo(BOOSTING, direction="backward", cv=3).fit(X[:, :5], y)
    assert selector.get_support(indices=True).tolist() == [0, 1]
    assert len(selector.mutual_info_path_) == 5


def test_of_two_that_say_the_same_one_is_kept(found):
    kept = set(found.get_feature_names_out())
    assert "own" in kept and len(kept & {"strong", "copy"}) == 1 and "noise" not in kept


def test_what_follows_from_a_chosen_column_is_not_kept(found):
    assert "weak" not in found.get_feature_names_out()


@pytest.mark.parametrize("weight", [None, np.repeat([1.0, 3.0], 250)])
def test_the_path_is_what_the_columns_of_each_step_tell(chain, weight):
    X, y = chain
    found = SelectByMutualInfo(GaussianNB(), n_features_to_select=2).fit(X, y, sample_weight=weight)
    options = {"estimator": GaussianNB(), "sample_weight": weight}
    result = conditional_mutual_info(X.loc[:, found.support_], y, given=[], **options)
    assert found.mutual_info_path_[1] == pytest.approx(result.score)
    assert found.mutual_info_path_stderr_[1] == pytest.approx(result.standard_error)
    assert found.label_entropy_ == pytest.approx(result.label_entropy)


def test_the_kept_columns_are_the_first_of_the_ranking(found):
    assert np.array_equal(found.support_, found.ranking_ <= found.n_features_to_select_)
    assert found.n_features_to_select_ == found.support_.sum()


def test_backward_ranks_what_left_last_best(chain):
    selector = SelectByMutualInfo(GaussianNB(), direction="backward", n_features_to_select=2)
    selector.fit(*chain)
    assert sorted(selector.ranking_) == [1, 1, 3, 4, 5]
    assert np.array_equal(selector.support_, selector.ranking_ == 1)
    assert len(selector.mutual_info_path_) == 4


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_a_wider_tolerance_keeps_fewer(chain, direction):
    kept = [
        SelectByMutualInfo(GaussianNB(), tol=tol, direction=direction, cv=2).fit(*chain)
        for tol in (0.0, 0.05)
    ]
    sizes = [selector.n_features_to_select_ for selector in kept]
    assert 5 > sizes[0] >= sizes[1]
    best = max(kept[0].mutual_info_path_)
    own = kept[1].mutual_info_path_
    steps = sizes[1] - 1 if direction == "forward" else 5 - sizes[1]
    assert best - own[steps] <= 0.05


def test_noise_ends_the_path_early():
    rng = np.random.default_rng(1)
    X, y = rng.standard_normal((200, 30)), rng.integers(0, 2, 200)
    selector = SelectByMutualInfo(GaussianNB(), cv=3).fit(X, y)
    assert len(selector.mutual_info_path_) < 15
    assert selector.n_features_to_select_ <= 2


@pytest.mark.parametrize(("wanted", "kept"), [(3, 3), (0.5, 2), (0.01, 1), (1.0, 5), (5, 5)])
def test_a_number_or_a_share_of_columns(chain, wanted, kept):
    selector = SelectByMutualInfo(GaussianNB(), n_features_to_select=wanted, cv=2).fit(*chain)
    assert selector.n_features_to_select_ == selector.transform(chain[0]).shape[1] == kept


def test_to_look_at_all_candidates_chooses_no_worse(chain):
    screened = SelectByMutualInfo(GaussianNB(), n_features_to_select=3, n_candidates=2).fit(*chain)
    whole = clone(screened).set_params(n_candidates=None).fit(*chain)
    assert screened.mutual_info_path_[2] >= whole.mutual_info_path_[2] - 0.005


def test_a_seed_fixes_the_choice_whatever_the_number_of_jobs(parity):
    X, y = parity
    forest = ExtraTreesClassifier(5, max_depth=4)
    one = SelectByMutualInfo(forest, n_features_to_select=3, cv=2, random_state=5).fit(X, y)
    with parallel_config("threading"):
        two = clone(one).set_params(n_jobs=2).fit(X, y)
    other = clone(one).set_params(random_state=np.random.RandomState(6)).fit(X, y)
    assert np.array_equal(one.mutual_info_path_, two.mutual_info_path_)
    assert np.array_equal(one.ranking_, two.ranking_)
    assert not np.array_equal(one.mutual_info_path_, other.mutual_info_path_)


def test_rows_without_weight_leave_no_trace(chain):
    X, y = chain
    weight = (np.arange(500) < 400).astype(float)
    weighted = SelectByMutualInfo(GaussianNB(), cv=3).fit(X, y, sample_weight=weight)
    spoilt = X.copy()
    spoilt[400:] = 100.0
    same = SelectByMutualInfo(GaussianNB(), cv=3).fit(spoilt, y, sample_weight=weight)
    np.testing.assert_allclose(weighted.mutual_info_path_, same.mutual_info_path_)
    assert np.array_equal(weighted.ranking_, same.ranking_)


def test_groups_stay_together_and_widen_the_errors(chain):
    X, y = (part[:100] for part in chain)
    X, y, groups = pd.concat([X] * 4), np.tile(y, 4), np.tile(np.arange(100), 4)
    naive = SelectByMutualInfo(LogisticRegression(), n_features_to_select=1)
    with pytest.warns(UserWarning, match="rows"):
        naive.fit(X, y)
    grouped = clone(naive).fit(X, y, groups=groups)
    assert grouped.mutual_info_path_stderr_[0] > 1.5 * naive.mutual_info_path_stderr_[0]
