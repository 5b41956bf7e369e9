"""Callbacks of scikit-learn (1.9 or later): what a search tells them of its parts."""

from contextlib import contextmanager


class SearchTasks:
    """The tasks of a search, if anybody wants to hear of them: its parts, and the refit.

    Parameters
    ----------
    search : StackedSearchCV
    X, y
        As `fit` takes them.
    """

    def __init__(self, search, X, y):
        self.told, self.root = {"estimator": search, "X": X, "y": y}, None
        if getattr(search, "_skl_callbacks", []):
            parts = 1 + bool(search.refit)
            self.root = self._begin(search._init_callback_context(max_subtasks=parts))

    def _begin(self, context):
        return context.call_on_fit_task_begin(**self.told)

    def _end(self, context):
        context.call_on_fit_task_end(**self.told)

    @property
    def return_as(self):
        """How joblib is to return the answers of parts: as they come, if somebody listens."""
        return "list" if self.root is None else "generator"

    def tell_of(self, answers, n_answers):
        """The answers of all parts in a list, with a task for each."""
        if self.root is None:
            return list(answers)
        found, search = [], self._begin(self.root.subcontext("search", max_subtasks=n_answers))
        for answer in answers:
            self._end(self._begin(search.subcontext("candidates of a split")))
            found.append(answer)
        self._end(search)
        return found

    @contextmanager
    def refit(self, estimator):
        """Pass the callbacks on to the fit of an estimator."""
        if self.root is None:
            yield
            return
        context = self.root.subcontext("refit")
        with context.propagate_callback_context(estimator):
            self._begin(context)
            yield
            self._end(context)

    def end(self):
        """Tell that the search is complete."""
        if self.root is not None:
            self._end(self.root)
