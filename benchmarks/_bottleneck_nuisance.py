"""What bottlenecks forget: nuisances of several kinds, judged on rows that they have not seen."""

from itertools import product

import _bottleneck_data as data
import numpy as np
from _bottleneck_parts import bottleneck, in_bins, judged, of_nuisance, of_y, say, timed, told
from _tables import folder_tables
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.utils import _safe_indexing

from sklearn_mi.model_selection import cross_val_mutual_info

MANY = 240_000  # of which boosting finds all but .005 nats of what exact codes tell
KINDS = "2 classes", "4 classes", "number", "two columns"


def removal(X, y, s, args, seed, labels=None, **params):
    """Models of each beta and weight, and what they tell of every third row, which no fit has seen.

    `labels` are what the judges look for, where it is not y and s.
    """
    fitted, fresh = (np.flatnonzero((np.arange(len(y)) % 3 == 0) == own) for own in (False, True))
    unseen, of_judges = _safe_indexing(X, fresh), [of[fresh] for of in labels or (y, s)]
    for size, beta, weight in product(args.components, args.betas, args.weights):
        model = bottleneck(size, beta=beta, nuisance_weight=weight, random_state=seed, **params)
        known = _safe_indexing(X, fitted)
        model, seconds = timed(model.fit, known, y[fitted], nuisance=s[fitted])
        own, left = (judged(model.transform(unseen), of) for of in of_judges)
        say(
            f"{size} components, beta {beta}, weight {in_words(weight, model)}, seed {seed}: Y "
            f"{told(own)}, S {told(left)}; audit Y {told(of_y(model))}, S "
            f"{told(of_nuisance(model))}, at most {model.nuisance_rate_:.3f}, rate "
            f"{model.rate_:.2f}, {seconds:.0f} s"
        )
        yield model


def in_words(weight, model):
    """A weight, and what "auto" has chosen."""
    return f"auto = {model.nuisance_weight_:g}" if weight == "auto" else f"{weight:g}"


def masks(args):
    X, y, s = data.masked_digits()
    say(f"all columns: Y {told(judged(X, y))}, S {told(judged(X, s))}")
    for seed in args.seeds:
        list(removal(X, y, s, args, seed))


def frontier(args):
    for name, n_bins in {"Y": None, "Y in 16 bins, as judges see it": 16}.items():
        exact = (data.gaussian_information(r, n_bins) for r in data.exact_frontier())
        words = "I(X; {}) {:.3f}; I(Z; Y) where Z tells nothing of S: linear {:.3f}, limit {:.3f}"
        say(words.format(name, *exact))
    for seed in args.seeds:
        X, y, s = data.correlated_nuisance(args.rows, seed)
        binned = in_bins(y, 16), in_bins(s, 8)
        for model in removal(X, y, s, args, seed, binned):
            X_many, *many = data.correlated_nuisance(MANY, seed + 1)
            place = model.transform(X_many)
            own, left = (boosted(place, in_bins(v, n)) for v, n in zip(many, (16, 8), strict=True))
            leak = data.leak_of_bins(left[0], 8)
            best = data.gaussian_information(data.linear_frontier(leak), 16)
            say(
                f"    boosting of {MANY} more rows: Y {told(own)}, S {told(left)}; a linear code "
                f"that tells as much of S: Y {best:.3f}"
            )


def boosted(X, labels):
    """As `judged`, for so many rows that a judge would take an hour."""
    trees = HistGradientBoostingClassifier(
        max_iter=30, learning_rate=0.15, max_leaf_nodes=15, min_samples_leaf=1000, random_state=0
    )
    found = cross_val_mutual_info(trees, X, labels, cv=3, calibrate=True)
    return found.score, found.standard_error


def adult(args):
    X, y = folder_tables(args.folder, None, args.drop, args.rows)["adult"]()
    s = np.asarray(X.pop("sex").astype(str))
    numbers = data.as_numbers(X)
    removed = data.without_correlation(numbers, (s == s[0]).astype(float))
    for name, table in {"columns but sex": X, "residuals": removed}.items():
        say(f"{name}, all {len(y)} rows: Y {told(judged(table, y))}, S {told(judged(table, s))}")
    for seed in args.seeds:
        list(removal(X, y, s, args, seed))


def images(args):
    X, y, s = data.digits_over_patches(args.archive, args.classes, 0)
    limits = {} if args.max_iter is None else {"max_iter": args.max_iter}
    for seed in args.seeds:
        list(removal(X, y, s, args, seed, **limits))


def audit(args):
    within = []
    size, seed = args.components[0], args.seeds[0]
    for kind, beta, weight in product(KINDS, args.betas, args.weights):
        X, y, s = data.coded_table(kind, args.rows, seed)
        model = bottleneck(size, beta=beta, nuisance_weight=weight, random_state=seed)
        model.fit(X, y, nuisance=s)
        found, error = of_nuisance(model)
        within.append(-2 * error <= found <= model.nuisance_rate_ + 2 * error)
        say(
            f"{kind:11}, beta {beta}, weight {in_words(weight, model)}: Y {told(of_y(model))}, S "
            f"{told((found, error))}, at most {model.nuisance_rate_:.3f}, rate {model.rate_:.2f}: "
            f"{'within' if within[-1] else 'OUTSIDE'}"
        )
    say(f"within two standard errors: {sum(within)} of {len(within)}")
