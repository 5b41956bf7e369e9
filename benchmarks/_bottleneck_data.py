"""Rows of which a bottleneck is to keep one thing and forget another, and what is exact of them."""

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from scipy.optimize import brentq
from scipy.stats import entropy, norm
from sklearn.datasets import load_digits
from sklearn.preprocessing import OneHotEncoder, StandardScaler

R = 0.75  # correlation of X and Y
SHARED, NOISE = 0.5, 0.5  # correlation of Y and the nuisance; standard deviation of noise in X
SIZE, ZOOM = 32, 4  # of digits over patches
CLASS_SIZE = 3.0  # distance of classes from the middle, in standard deviations of the noise


# --- jointly Gaussian -----------------------------------------------------------------------------


def gaussian_pair(n_rows, seed):
    """Five standard normal columns and a y whose correlation with their mean direction is R."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n_rows, 5))
    return X, R * X.sum(1) / np.sqrt(5) + np.sqrt(1 - R**2) * rng.standard_normal(n_rows)


def exact_relevance(rate):
    """The most that a code of a rate can tell of the y of `gaussian_pair`, in nats."""
    return -np.log1p(-(R**2) * -np.expm1(-2 * np.asarray(rate))) / 2


def chance_of_rows(X, y, rate):
    """What codes of a rate of the exact model tell of y in these rows, less `exact_relevance`.

    The mean of such a code is c m of the mean m of y, with c^2 = 1 - e^(-2 rate).
    """
    squared = -np.expm1(-2 * np.asarray(rate))[:, None]
    mean, spread = R * squared * X.sum(1) / np.sqrt(X.shape[1]), 1 - R**2 * squared
    error = (y - mean) ** 2 + R**2 * squared * (1 - squared)
    told = (y**2 - error / spread - np.log(spread)) / 2
    return told.mean(1) - exact_relevance(rate)


def sampled_relevance(X, y, n_bins):
    """What the exact model tells of these rows: of y, and of its quantile bin."""
    mean, std = R * X.sum(1) / np.sqrt(X.shape[1]), np.sqrt(1 - R**2)
    edges = np.quantile(y, np.arange(1, n_bins) / n_bins)
    below = norm.cdf((np.r_[-np.inf, edges, np.inf] - mean[:, None]) / std)
    own = np.diff(below)[np.arange(len(y)), np.searchsorted(edges, y, "right")]
    of_number = norm.logpdf(y, mean, std) - norm.logpdf(y)
    return of_number.mean(), np.log(own * n_bins).mean()


def correlated_nuisance(n_rows, seed):
    """Y and S correlate; a column each tells of them with noise, and a third of neither."""
    rng = np.random.default_rng(seed)
    s, own, *noise = rng.standard_normal((5, n_rows))
    y = SHARED * s + np.sqrt(1 - SHARED**2) * own
    X = np.stack([y + NOISE * noise[0], s + NOISE * noise[1], noise[2]], axis=1)
    return X, y, s


def exact_frontier():
    r"""The best linear code that does not tell of S, and a limit for any code.

    With t the best prediction of S by X, a code is independent of S if and only if it is of t. A
    linear one then is of U, the part of X that is uncorrelated with t. Any other has
    :math:`I(Z; Y) \le I(Z; Y, t) = I(Z; Y \mid t) \le I(U; Y \mid t)`.

    Returns
    -------
    everything, linear, limit : float
        Squared correlations with Y: of X itself; of U; and of U where t is known.
    """
    variance = 1 + NOISE**2
    covariance = np.array([[variance, SHARED, 0], [SHARED, variance, 0], [0, 0, 1]])
    of_y, of_s = np.array([1, SHARED, 0]), np.array([SHARED, 1, 0])
    free = np.linalg.svd(of_s[None])[2][1:]  # codes that are uncorrelated with S
    everything = of_y @ np.linalg.solve(covariance, of_y)
    own = free @ of_y
    linear = own @ np.linalg.solve(free @ covariance @ free.T, own)
    return everything, linear, linear / (1 - everything + linear)


def linear_frontier(leak):
    """Squared correlation with Y of the best linear code that tells so many nats of S.

    It is a mix of U, which does not tell of S, and t.
    """
    everything, free, _ = exact_frontier()
    of_t = -np.expm1(-2 * leak) / everything  # X tells as much of S as of Y
    of_t = np.clip(of_t, 0, 1 - free / everything)  # beyond which S is not worth telling
    return (np.sqrt((1 - of_t) * free) + np.sqrt(of_t * (everything - free))) ** 2


def gaussian_information(r_squared, n_bins=None):
    """I(Z; Y) of two Gaussian variables; or where of Y only the quantile bin is known."""
    if n_bins is None:
        return -np.log1p(-r_squared) / 2
    z, weight = hermegauss(200)
    edges = norm.ppf(np.arange(n_bins + 1) / n_bins)
    each = norm.cdf((edges - np.sqrt(r_squared) * z[:, None]) / np.sqrt(1 - r_squared))
    return np.log(n_bins) - weight @ entropy(np.diff(each), axis=1) / weight.sum()


def leak_of_bins(told, n_bins):
    """Nats of a Gaussian nuisance in a code that tells so many of its quantile bin."""
    if told <= 0:
        return 0.0
    r_squared = brentq(lambda own: gaussian_information(own, n_bins) - told, 0, 0.99)
    return gaussian_information(r_squared)


# --- nuisances that are not additive --------------------------------------------------------------


def masked_digits():
    """Digits whose pixels are inverted by one of three random masks: rows, digits and masks."""
    X, y = load_digits(return_X_y=True)
    rng = np.random.RandomState(0)
    s, masks = rng.randint(3, size=len(X)), rng.rand(3, X.shape[1]) < 0.5
    return np.where(masks[s], 16 - X, X), y, s


def coded_table(kind, n_rows, seed):
    """Ten columns, three classes, and a nuisance by which columns change signs or turn in pairs.

    A class is at two opposite places. `kind` is "2 classes", "4 classes", "number" or "two columns"
    (two classes and a number).
    """
    rng = np.random.default_rng(seed)
    y = rng.integers(3, size=n_rows)
    centres = rng.standard_normal((3, 10))
    centres *= CLASS_SIZE / np.linalg.norm(centres, axis=1, keepdims=True)
    side = rng.choice([-1, 1], n_rows)  # so that no nuisance moves the mean
    X = side[:, None] * centres[y] + rng.standard_normal((n_rows, 10))
    number, level = rng.random(n_rows), rng.integers(4 if kind == "4 classes" else 2, size=n_rows)
    if kind in ("number", "two columns"):
        X = turned(X, 2 * np.pi * number)
    if kind != "number":
        X = np.where((rng.random((4, 10)) < 0.5)[level], -X, X)
    if kind == "two columns":
        return X, y, np.stack([level, number], axis=1)
    return X, y, number if kind == "number" else level


def turned(X, angle):
    """The first half of the columns and the second as the two sides of planes, turned."""
    first, second = np.split(X, 2, axis=1)
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    return np.hstack([cos * first - sin * second, sin * first + cos * second])


def digits_over_patches(archive, n_classes, seed):
    """Digits, four times as large, over clothes of some classes at 60 % brightness."""
    digits, y = load_digits(return_X_y=True)
    with np.load(archive) as data:
        images, classes = data["X_train"], data["y_train"]
    rng = np.random.default_rng(seed)
    chosen = rng.choice(np.flatnonzero(classes < n_classes), len(y), replace=False)
    edge = (SIZE - images.shape[1]) // 2
    patches = np.pad(0.6 * images[chosen] / 255, [(0, 0), (edge, edge), (edge, edge)])
    large = np.kron(digits.reshape(-1, 8, 8) / 16, np.ones((ZOOM, ZOOM)))
    return np.maximum(large, patches)[:, None].astype(np.float32), y, classes[chosen]


# --- tables of numbers ----------------------------------------------------------------------------


def as_numbers(frame):
    """Standardised numbers, the median where one is missing, beside one-hot levels."""
    words = frame.select_dtypes("category")
    numbers = frame.drop(columns=list(words)).astype(float)
    levels = OneHotEncoder(sparse_output=False, min_frequency=10).fit_transform(words.astype(str))
    return np.hstack([StandardScaler().fit_transform(numbers.fillna(numbers.median())), levels])


def without_correlation(X, s):
    """Residuals of a linear regression of each column on a nuisance, a number."""
    centred = s - s.mean()
    return X - np.outer(centred, centred @ (X - X.mean(0)) / (centred @ centred))
