"""How many columns are enough."""

import numpy as np

PATIENCE = 4  # columns that may enter or leave without a say in the choice


class Choice:
    """The fewest columns of a path whose information is within a tolerance of the best.

    Parameters
    ----------
    means : RowMeans
    tol : float or "one_se"
        In nats, or one standard error of the difference, whose rows are paired.
    direction : {"forward", "backward"}
    """

    def __init__(self, means, tol, direction):
        self.means, self.tol, self.forward = means, tol, direction == "forward"

    def mean(self, pointwise):
        """Of each row of pointwise values (S, n)."""
        return np.array([self.means.of(own)[0] for own in pointwise])

    def of(self, path):
        """The number of the step that is enough."""
        best = path.pointwise[np.argmax(self.mean(path.pointwise))]
        steps = range(len(path.pointwise))
        for step in steps if self.forward else reversed(steps):
            if self._is_near(best, path.pointwise[step]):
                return step

    def is_made(self, path):
        """Whether the last columns have had no say in the choice."""
        n_steps = len(path.pointwise)
        return n_steps > PATIENCE and n_steps > self.of(path) + PATIENCE

    def _is_near(self, best, pointwise):
        short, error, *_ = self.means.of(best - pointwise, difference=True)
        return short <= (error if self.tol == "one_se" else self.tol)
