"""Callbacks of scikit-learn (1.9 or later): what a fit tells them of its epochs."""

import copy
import warnings
from types import SimpleNamespace

from .._pool._companions import Companions
from ._beside import companions_beside
from ._callbacks import EpochTasks
from ._plain import OnlyPickled
from ._scoring import score_training_rows

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:

    class CallbackSupportMixin:
        """Nothing: this version of scikit-learn has no callbacks."""


OF_A_FIT = "_callback_fit_ctx", "_skl_callbacks_to_teardown", "_parent_callback_ctx"
NO_SKOPS = (
    "skops cannot store callbacks of scikit-learn. Take them off by set_callbacks(), or store this "
    "classifier with pickle, joblib or cloudpickle."
)
PARTS = 2  # of a fit: networks, and what is made of them


def begin_tasks(clf, X, y, sample_weight):
    """The tasks of a fit, whether anybody wants to hear of them or not."""
    listened_to = getattr(clf, "_skl_callbacks", [])
    return FitTasks(clf, X, y, sample_weight) if listened_to else NoTasks(clf)


def storable_tasks(state):
    """The state of a classifier without what belongs to a fit that goes on."""
    state = {name: value for name, value in state.items() if name not in OF_A_FIT}
    if "_skl_callbacks" in state:
        state["_skl_callbacks"] = OnlyPickled(state["_skl_callbacks"], NO_SKOPS)
    return state


class NoTasks:
    """What nobody wants to hear of."""

    def __init__(self, clf):
        self.clf = clf

    def train(self, prepared):
        """What training gives, and what companions have learnt meanwhile."""
        with companions_beside(self.clf, prepared) as done:
            trained = prepared.training.run()
        return trained, done

    def end(self):
        pass


class FitTasks:
    """The tasks of one fit, as a tree: the networks, with their epochs, and what follows them.

    Parameters
    ----------
    clf : MutualInfoClassifier
    X, y, sample_weight
        As `fit` takes them.
    """

    def __init__(self, clf, X, y, sample_weight):
        self.clf = clf
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        self.told = {"estimator": clf, "X": X, "y": y, "metadata": metadata}
        self.fit = clf._init_callback_context(max_subtasks=PARTS)
        self._begin(self.fit)

    def _begin(self, context):
        context.call_on_fit_task_begin(**self.told)
        return context

    def _end(self, context, fitted):
        return context.call_on_fit_task_end(**self.told, reconstruction_attributes=fitted)

    def train(self, prepared):
        """The same, telling of every epoch.

        Companions wait, for who listens may change filters of warnings, which threads share.
        """
        training = prepared.training
        n_epochs = sum(settings.max_iter for settings in training.settings)
        networks = self._begin(self.fit.subcontext("networks", max_subtasks=n_epochs))
        of_epoch = EpochTasks(
            lambda: self._begin(networks.subcontext("epoch")),
            lambda epoch, net: self._end(epoch, lambda: self._fitted_so_far(prepared, net)),
        )
        training.watchers = [("tasks", of_epoch)]
        trained = training.run()
        self._end(networks, None)
        self.rest = self._begin(self.fit.subcontext("companions and pool"))
        return trained, {}

    def end(self):
        """Tell that the fit is complete."""
        for context in (self.rest, self.fit):
            self._end(context, dict)

    def _fitted_so_far(self, prepared, net):
        """Attributes of a classifier of these networks alone, with the best weights so far."""
        stopping, clf = dict(net.callbacks_)["stopping"], self.clf._twin()
        alone = Companions([], clf.class_prior_)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what the end of the fit will say
            trained = best_so_far(net, stopping), stopping, len(net.history)
            clf._finish(prepared._replace(companions=alone), trained)
        params = clf.get_params(deep=False)
        return {name: value for name, value in vars(clf).items() if name not in params}


def best_so_far(net, stopping):
    """What stands for a net that has been trained, with the best weights of each member."""
    module, loss = copy.deepcopy(net.module_), copy.deepcopy(net.criterion_.loss)
    module.load_state_dict(stopping.best_)
    if loss.fits_class_model:
        data = stopping.data_
        each = score_training_rows(module, data)
        loss.fit_class_model([(scores, *data.target(rows)) for scores, rows in each])
    criterion = SimpleNamespace(loss=loss)
    return SimpleNamespace(module_=module, criterion_=criterion, history=net.history, callbacks_=[])
