"""Parameters of parts by names such as `optimizer__momentum`, as in skorch and scikit-learn."""

import functools

from sklearn.utils.metaestimators import _BaseComposition

PARTS = "module", "optimizer", "loss"  # each with a dictionary of parameters, `module_params`


class NestedParameters(_BaseComposition):
    """An estimator whose parts take parameters; `estimators`, where it is a list, are parts too."""

    def get_params(self, deep=True):
        """Parameters; where `deep` also those of parts, and the companions by their names.

        Parameters
        ----------
        deep : bool, default=True

        Returns
        -------
        params : dict
        """
        params = self._get_params("estimators", deep=deep)
        for part in PARTS if deep else ():
            own = self._params_of(part).items()
            params |= {f"{part}__{name}": value for name, value in own}
        return params

    def set_params(self, **params):
        """Set parameters, those of parts too: ``optimizer__momentum`` or ``boosting__max_iter``.

        Parameters
        ----------
        **params : dict
            ``module__...``, ``optimizer__...`` and ``loss__...`` become entries of `module_params`,
            `optimizer_params` and `loss_params`. The name of one of `estimators`, given as a list,
            replaces it, and ``name__...`` sets its parameters.

        Returns
        -------
        self : MutualInfoClassifier
        """
        nested = {name: params.pop(name) for name in [*params] if _is_of_part(name)}
        self._set_params("estimators", **params)
        for name, value in nested.items():
            part, _, own = name.partition("__")
            setattr(self, f"{part}_params", {**self._params_of(part), own: value})
        return self

    def _params_of(self, part):
        params = getattr(self, f"{part}_params")
        return params if isinstance(params, dict) else {}


def takes_nested(init):
    """Let a constructor take ``optimizer__momentum`` and the like; its signature stays."""

    @functools.wraps(init)
    def wrapper(self, *args, **params):
        nested = {name: params.pop(name) for name in [*params] if _is_of_part(name)}
        init(self, *args, **params)
        if nested:
            self.set_params(**nested)

    return wrapper


def _is_of_part(name):
    part, delimiter, _ = name.partition("__")
    return bool(delimiter) and part in PARTS
