"""What columns tell, against joint tables that can be enumerated."""

import joint_columns
import numpy as np
import pytest
from joint_columns import TABLES, information
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from sklearn_mi.datasets import make_xor
from sklearn_mi.inspection import conditional_mutual_info, feature_mutual_info

TREE = DecisionTreeClassifier(random_state=0)  # which counts the cells of such tables
KINDS = ["marginal", "conditional", "shapley", "interaction"]


def close(value, stderr, truth):
    return np.all(np.abs(np.subtract(value, truth)) <= 2 * np.asarray(stderr) + 0.02)


def minus(columns, *others):
    return [j for j in columns if j not in others]


@pytest.mark.parametrize("name", TABLES)
def test_every_kind_is_that_of_the_joint_table(name):
    joint = TABLES[name]
    X, y = joint_columns.draw(joint, 3000)
    r = feature_mutual_info(X, y, estimator=TREE, kind=KINDS)
    columns = list(range(X.shape[1]))
    total = information(joint, columns)
    alone = [information(joint, [j]) for j in columns]
    beyond = [total - information(joint, minus(columns, j)) for j in columns]
    together = [information(joint, [i, j]) - alone[i] - alone[j] for i, j in r.pairs]
    assert close(r.total, r.total_stderr, total)
    assert close(r.marginal, r.marginal_stderr, alone)
    assert close(r.conditional, r.conditional_stderr, beyond)
    assert close(r.interaction, r.interaction_stderr, together)
    assert r.shapley.sum() == pytest.approx(r.total, abs=1e-9)


def test_shapley_values_of_an_exclusive_or_are_halves_of_it():
    X, y = joint_columns.draw(TABLES["xor"], 3000)
    r = feature_mutual_info(X, y, estimator=TREE, kind="shapley")
    np.testing.assert_allclose(r.shapley, r.total / 2, atol=0.01)
    assert "marginal" not in r


def test_a_copy_and_its_original_tell_nothing_alone_beyond_the_rest_and_all_of_it_together():
    X, y = joint_columns.draw(TABLES["copied"], 3000)
    single = feature_mutual_info(X, y, estimator=TREE, kind="conditional")
    np.testing.assert_allclose(single.conditional[[0, 2]], 0, atol=0.01)
    pair = {"twins": [0, 2], "other": 1}
    both = feature_mutual_info(X, y, estimator=TREE, kind="conditional", feature_groups=pair)
    assert both.names == ["twins", "other"]
    assert close(both.conditional, both.conditional_stderr, information(TABLES["xor"], [0, 1]))


def test_shapley_values_of_many_columns_sum_to_the_total_and_say_how_orders_differ():
    X, y = make_xor(300, 7, random_state=0)
    few, more = (
        feature_mutual_info(X, y, estimator=TREE, kind="shapley", n_permutations=n, random_state=0)
        for n in (2, 4)
    )
    for r in (few, more):
        assert r.shapley.sum() == pytest.approx(r.total, abs=1e-9)
        assert (r.shapley_low < r.shapley).all()
    three = [[0], [1], [2, 3, 4, 5, 6]]
    exact = feature_mutual_info(
        X, y, estimator=TREE, kind="shapley", feature_groups=three, random_state=0
    )
    assert (more.shapley_stderr > 0).all()
    assert exact.shapley.sum() == pytest.approx(more.total, abs=1e-9)


def test_given_columns_are_what_a_conditional_information_goes_beyond():
    joint = TABLES["chain"]
    X, y = joint_columns.draw(joint, 3000)
    all_, first = information(joint, [0, 1]), information(joint, [0])
    nothing = conditional_mutual_info(X, y, given=[], estimator=TREE)
    assert close(nothing.score, nothing.standard_error, all_)
    rest = conditional_mutual_info(X, y, given="x0", estimator=TREE)
    assert close(rest.score, rest.standard_error, 0)
    assert close([rest.total, rest.known], rest.standard_error, [all_, first])
    assert rest.score == pytest.approx(rest.total - rest.known)
    assert rest.pointwise.mean() == pytest.approx(rest.score)


def test_conditional_of_a_column_is_what_it_tells_when_all_others_are_given():
    X, y = make_xor(300, 3, random_state=0)
    each = feature_mutual_info(X, y, estimator=TREE, kind="conditional")
    rest = conditional_mutual_info(X, y, given=[1, 2], estimator=TREE)
    assert rest.score == pytest.approx(each.conditional[0])
    assert rest.standard_error == pytest.approx(each.conditional_stderr[0])
    assert rest.interval == pytest.approx((each.conditional_low[0], each.conditional_high[0]))


def test_what_tells_nothing_is_exactly_nothing():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((200, 2)), np.arange(200) % 2
    X[:, 1] = 7
    r = feature_mutual_info(X, y, estimator=LogisticRegression())
    assert (r.marginal[1], r.marginal_low[1], r.marginal_high[1]) == (0, 0, 0)
    assert (r.conditional[1], r.conditional_low[1], r.conditional_high[1]) == (0, 0, 0)


def test_intervals_hold_the_value_and_widen_with_confidence():
    X, y = make_xor(300, 3, random_state=0)
    narrow, wide = (
        feature_mutual_info(X, y, estimator=TREE, kind=KINDS, confidence_level=level)
        for level in (0.5, 0.99)
    )
    for kind in KINDS:
        for r in (narrow, wide):
            assert (r[f"{kind}_low"] <= r[kind]).all()
            assert (r[kind] <= r[f"{kind}_high"]).all()
            assert (r[f"{kind}_high"] <= r.label_entropy).all()
        assert (wide[f"{kind}_low"] < narrow[f"{kind}_low"]).all()


def test_differences_have_errors_that_allow_for_other_fits():
    X, y = make_xor(400, 2, random_state=0)
    r = conditional_mutual_info(X, y, given=0, estimator=TREE)
    over_rows = r.pointwise.std(ddof=1) / np.sqrt(400)
    assert r.standard_error == pytest.approx(1.5 * over_rows)  # sqrt(1 + 400 / 320)


def test_results_depend_on_the_seed_alone(forked):
    X, y = make_xor(200, 6, random_state=0)
    forest = RandomForestClassifier(2)

    def ask(seed, n_jobs=None):
        r = feature_mutual_info(
            X,
            y,
            estimator=forest,
            kind="shapley",
            n_permutations=2,
            random_state=seed,
            cv=2,
            n_jobs=n_jobs,
        )
        return r.shapley

    first = ask(0)
    np.testing.assert_array_equal(first, ask(0, n_jobs=2))
    assert (first != ask(1)).any()
    assert not hasattr(forest, "classes_")
    assert forest.random_state is None
