"""What fits do without where it is not what is tested: most folds, trees, epochs, search steps."""

from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import pytest
from sklearn.ensemble._forest import BaseForest

from sklearn_mi import _recipe as recipe
from sklearn_mi._adversary import _worst_case
from sklearn_mi._engine import _members
from sklearn_mi._pool import _boosting, _label_noise, _profile_likelihood
from sklearn_mi._pool._boosting import GradualBoosting
from sklearn_mi.decomposition import _autoencoder_training
from sklearn_mi.generation._training import Adversaries
from sklearn_mi.model_selection import _held_out


@contextmanager
def few_trees():
    """Companions as "auto" makes them, but small ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recipe, "N_TREES", ((10, 10), (10, 10)))
        patch.setattr(recipe, "GradualBoosting", partial(GradualBoosting, 8))
        patch.setattr(_boosting, "FEWEST_STEPS", 5)
        patch.setitem(_boosting.BRIEF, "max_iter", 5)
        yield


@contextmanager
def small_forests(most=10):
    """No forest of scikit-learn has more trees."""
    full = BaseForest.fit

    def fit(self, *args, **options):
        self.n_estimators = min(self.n_estimators, most)
        return full(self, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseForest, "fit", fit)
        yield


@contextmanager
def few_epochs(most=5):
    """No network trains for longer."""
    full = recipe.make_settings

    def make_settings(*args, **options):
        settings = full(*args, **options)
        return replace(settings, max_iter=min(settings.max_iter, most))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recipe, "make_settings", make_settings)
        patch.setattr(_autoencoder_training, "N_STEPS", 0)
        yield


@contextmanager
def two_folds():
    """However many are asked for."""
    full = _members.make_folds

    def make_folds(y, cv, groups, seed):
        return full(y, 2, groups, seed)

    with pytest.MonkeyPatch.context() as patch:
        for each in (_members, _held_out):
            patch.setattr(each, "make_folds", make_folds)
        yield


@contextmanager
def few_steps(most=20):
    """No generator trains for longer."""
    full = Adversaries.train

    def train(self, points, n_steps, *args):
        return full(self, points, min(n_steps, most), *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Adversaries, "train", train)
        yield


@contextmanager
def brief_attacks():
    """Of a step, and of ten queries."""
    full = _worst_case._attack

    def attack(*args):
        return full(*args[:-2], (1, 0, 10), args[-1])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_worst_case, "_attack", attack)
        yield


@contextmanager
def brief_searches():
    """Noise matrices near the likeliest, and intervals whose ends are looked for once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_label_noise, "ENOUGH", {"maxiter": 4})
        patch.setattr(_profile_likelihood, "EXACT", {"maxiter": 4})
        patch.setattr(_profile_likelihood, "SEARCHES", 1)
        yield
