"""What do codes of rows keep, and are rows that are made of codes like real ones?

    python benchmarks/autoencoder.py codes --folder DIR --drop split
    python benchmarks/autoencoder.py collapse --folder DIR --drop split
    python benchmarks/autoencoder.py samples --folder DIR --drop split
    python benchmarks/autoencoder.py time

Figures are in nats with their standard errors; a judge is a default `MutualInfoClassifier`. Half of
the rows are fitted, and the other half is looked at: no row is both. "digits" is that of
scikit-learn.

"codes": the mean squared error of restored numbers in units of their variance, the share of
categories that are restored, and what the codes tell of the label, by a judge on codes of rows that
were not fitted. PCA has standardised numbers and one-hot categories, and as many components.

"collapse": active components of 16, and those of a rate above .1 nats, with an autoregressive
decoder, which can do without a code.

"samples": the information between rows and "is it real", of as many made rows as real ones that
were not fitted; 0 is what a perfect model has, log 2 = .693 what one of which every row shows. The
Gaussian mixture has the number of components that BIC chooses; "snapped" moves each number to the
nearest that was seen. Only columns of numbers without missing cells, as mixtures need them.

"time": 2,000 rows x 20 columns, defaults, and a bare loop that trains networks of the same layers,
as many one after the other, for as many epochs.
"""

import argparse

import numpy as np
import pandas as pd
from _bare_loops import bare_autoencoders
from _bottleneck_parts import judged, say, timed, told
from _machine import describe
from _tables import folder_tables
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sklearn_mi.decomposition import MutualInfoAutoencoder

OURS = ("info_vae", "factorized"), ("info_vae", "autoregressive"), ("vae", "factorized")
MOST_MIXED = 20  # components of a Gaussian mixture


def halves(load, seed, most):
    """Rows to fit and others, with their labels."""
    X, y = load()
    order = np.random.RandomState(seed).permutation(len(X))[:most]
    one, other = np.array_split(order, 2)
    return X.iloc[one], X.iloc[other], np.asarray(y)[one], np.asarray(y)[other]


def sources(args):
    return {**folder_tables(args.folder, args.target, args.drop), "digits": load_digits_frame}


def load_digits_frame():
    data = load_digits(as_frame=True)
    return data.data, data.target


def autoencoder(n_components, objective, decoder, seed):
    return MutualInfoAutoencoder(
        n_components, objective=objective, decoder=decoder, n_threads=1, random_state=seed
    )


def codes(args):
    for name in args.sets:
        for seed in args.seeds:
            X, other, _, labels = halves(sources(args)[name], seed, args.rows)
            for n_components in args.components:
                for objective in ("pca", "vae", "info_vae", "info_max"):
                    code, restored, seconds = coded(objective, n_components, X, other, seed)
                    say(
                        f"{name} {X.shape}, {n_components} components, seed {seed}, {objective:9} "
                        f"{restored}, tells {told(judged(code, labels, seed))}, {seconds:.0f} s"
                    )


def coded(objective, n_components, X, other, seed):
    if objective == "pca":
        model, seconds = timed(make_pca(n_components).fit, X)
        code = model.transform(other)
        back = model[-1].inverse_transform(code)
        expected = model[:-1].transform(other)
        n_numbers = len(X.select_dtypes("number").columns)
        error = np.mean((back - expected)[:, :n_numbers] ** 2) if n_numbers else np.nan
        return code, f"error {error:.3f}", seconds
    model, seconds = timed(autoencoder(n_components, objective, "factorized", seed).fit, X)
    code = model.transform(other)
    return code, differences(X, other, model.inverse_transform(code)), seconds


def make_pca(n_components):
    scaled = make_pipeline(StandardScaler())
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = make_column_transformer(
        (scaled, make_column_selector(dtype_include="number")),
        (one_hot, make_column_selector(dtype_exclude="number")),
    )
    return make_pipeline(columns, PCA(n_components))


def differences(X, other, restored):
    numbers, restored = X.select_dtypes("number").columns, restored.set_axis(other.index)
    words = []
    if len(numbers):
        varies = [name for name in numbers if X[name].std() > 0]
        squared = ((restored[varies] - other[varies]) / X[varies].std()) ** 2
        words.append(f"error {np.nanmean(squared) * len(varies) / len(numbers):.3f}")
    levels = X.columns.difference(numbers)
    if len(levels):
        same = restored[levels].astype(str) == other[levels].astype(str)
        words.append(f"levels {same.to_numpy().mean():.3f}")
    return ", ".join(words)


def collapse(args):
    for name in args.sets:
        for seed in args.seeds:
            X, other, _, _ = halves(sources(args)[name], seed, args.rows)
            for objective in ("vae", "info_vae", "info_max"):
                model = autoencoder(16, objective, "autoregressive", seed)
                model, seconds = timed(model.fit, X)
                n_told = (model.component_rates_ > 0.1).sum()
                say(
                    f"{name} {X.shape}, seed {seed}, {objective:9} {model.active_units_:2} active, "
                    f"{n_told:2} of more than .1 nats, rate {model.rate_:.2f}, distortion "
                    f"{model.distortion_:.2f}, log density of other rows {model.score(other):.2f}, "
                    f"{seconds:.0f} s"
                )


def samples(args):
    for name in args.sets:
        for seed in args.seeds:
            X, other, _, _ = halves(sources(args)[name], seed, args.rows)
            numbers = [c for c in X.select_dtypes("number") if X[c].notna().all()]
            X, other = X[numbers], other[numbers]
            for model in (*OURS, "mixture", "snapped"):
                made, seconds = timed(sampled, model, X, len(other), args.components[0], seed)
                rows = np.concatenate([other, made])
                real = np.arange(len(rows)) < len(other)
                words = model if isinstance(model, str) else " ".join(model)
                say(
                    f"{name} {X.shape}, seed {seed}, {words:23} real or made: "
                    f"{told(judged(rows, real.astype(int), seed))}, {seconds:.0f} s"
                )


def sampled(model, X, n_rows, n_components, seed):
    if not isinstance(model, str):
        return autoencoder(n_components, *model, seed).fit(X).sample(n_rows)[0].to_numpy()
    X = X.to_numpy(float)
    scale = X.std(axis=0) + 1e-12
    each = [
        GaussianMixture(k, random_state=seed, reg_covar=1e-5).fit(X / scale)
        for k in (1, 2, 5, 10, MOST_MIXED)
    ]
    made = min(each, key=lambda mixture: mixture.bic(X / scale)).sample(n_rows)[0] * scale
    return snapped(made, X) if model == "snapped" else made


def snapped(made, seen):
    """Each number moved to the nearest that was seen."""
    out = np.empty_like(made)
    for j, values in enumerate(map(np.unique, seen.T)):
        at = np.clip(np.searchsorted(values, made[:, j]), 1, max(len(values) - 1, 1))
        low, high = values[at - 1], values[np.minimum(at, len(values) - 1)]
        out[:, j] = np.where(made[:, j] - low < high - made[:, j], low, high)
    return out


def time(args):
    X = np.random.RandomState(0).normal(size=(2000, 5)) @ np.random.RandomState(1).normal(
        size=(5, 20)
    )
    X = pd.DataFrame(X + 0.3 * np.random.RandomState(2).normal(size=X.shape))
    for _ in range(args.rounds):
        model, seconds = timed(MutualInfoAutoencoder(random_state=0, n_threads=1).fit, X)
        say(f"2,000 x 20, defaults: {seconds:.1f} s, {model.n_iter_} epochs of 6 networks")
        _, bare = timed(bare_autoencoders, X.to_numpy(), model.n_iter_)
        say(f"    bare loop of 6 networks: {bare:.1f} s, ratio {seconds / bare:.2f}")


def of(kind):
    return lambda text: [kind(part) for part in text.split(",")]


def parse(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    sets = {
        "codes": "digits,segment,vehicle,soybean",
        "collapse": "digits,segment,vehicle,dry_bean",
        "samples": "vehicle,wine_quality_white,segment,dry_bean,yeast,page_blocks",
    }
    for name, do in {"codes": codes, "collapse": collapse, "samples": samples}.items():
        command = commands.add_parser(name)
        command.add_argument("--folder", required=True, help="of CSV files")
        command.add_argument("--target")
        command.add_argument("--drop", type=of(str), default=[])
        command.add_argument("--sets", type=of(str), default=of(str)(sets[name]))
        command.add_argument("--rows", type=int, default=4000, help="at most")
        command.add_argument("--components", type=of(int), default=[8])
        command.add_argument("--seeds", type=of(int), default=[0])
        command.set_defaults(do=do)
    command = commands.add_parser("time")
    command.add_argument("--rounds", type=int, default=3)
    command.set_defaults(do=time)
    return parser.parse_args(arguments)


def main():
    args = parse()
    say(describe())
    args.do(args)


if __name__ == "__main__":
    main()
