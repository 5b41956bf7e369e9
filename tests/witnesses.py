"""Classifiers that remember what they learnt, those too of which a fit keeps nothing."""

import sklearn
from threadpoolctl import threadpool_info


def witness(kind, **params):
    """An instance of a classifier, whose `fitted` lists all copies of it that learn, in turn."""

    class Witness(kind):
        fitted = []

        def fit(self, X, y, sample_weight=None):
            self.fitted.append(self)
            self.rows_, self.labels_, self.sample_weight_ = X, y, sample_weight
            self.n_threads_ = {pool["num_threads"] for pool in openmp()}
            self.config_ = sklearn.get_config()
            return super().fit(X, y, sample_weight)

    return Witness(**params)


def openmp():
    return [pool for pool in threadpool_info() if pool["user_api"] == "openmp"]
