"""What does a bottleneck keep, and what does it forget?

    python benchmarks/bottlenecks.py digits --components 2
    python benchmarks/bottlenecks.py tables --folder DIR --drop split
    python benchmarks/bottlenecks.py photos fashion_mnist.npz
    python benchmarks/bottlenecks.py random
    python benchmarks/bottlenecks.py gaussian
    python benchmarks/bottlenecks.py masks
    python benchmarks/bottlenecks.py frontier
    python benchmarks/bottlenecks.py adult --folder DIR --drop split
    python benchmarks/bottlenecks.py audit
    python benchmarks/bottlenecks.py images fashion_mnist.npz
    python benchmarks/bottlenecks.py time

All figures are in nats, with their standard errors; a judge is a default `MutualInfoClassifier`.

"digits": the cross-fitted map of all rows; of each row 15 neighbours among the rows of other folds,
and `mutual_info_score_`. Other maps are fitted to the training rows of each fold, and no two of
them are alike, so that each fold is scored by itself: neighbours and judge are fitted to the map of
its training rows and asked for the held-out ones. UMAP, with labels, is among them where umap-learn
is installed.

"tables", "photos": `mutual_info_score_` as a share of what the judge certifies on all columns of
these rows, or on the images.

"random": labels that have nothing to do with the columns; how many lower limits are above 0.

"gaussian": relevance along `information_curve_`, interpolated in the rate, against the exact one;
and, as "chance", what the exact codes tell of these rows more than they do on average.

"masks": digits whose pixels are inverted by one of three random masks, which is the nuisance.
"frontier": Gaussian variables, of which the nuisance correlates with y; "linear" is the best linear
code that tells nothing of it, and no code whatever exceeds "limit". "adult": income without sex,
beside the judge on all columns but sex, and on residuals of a linear regression of these on sex.
"images": digits over clothes, the class of which is the nuisance. In all four a judge of its own
looks at `transform` of every third row, of which the bottleneck knows nothing; weight 0 is without
removal.

"audit": is `nuisance_mutual_info_`, within two standard errors, between 0 and `nuisance_rate_`?
The bound is of the noisy code, and what is audited is its mean.

"time": 2,000 rows x 20 columns, defaults, and a bare loop that trains as many networks of the same
layers, one after the other, for as many epochs, and audits nothing.
"""

import argparse
from itertools import product

import _bottleneck_data as data
import _bottleneck_nuisance as nuisance
import numpy as np
from _bare_loops import bare_bottlenecks
from _bottleneck_parts import bottleneck, judged, of_y, say, timed, told
from _bottleneck_rivals import RIVALS, score_rival
from _machine import describe
from _tables import folder_tables
from sklearn.datasets import load_digits
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier

RATES = 0.25, 0.5, 1.0, 2.0
TABLES = "dry_bean,mammography,thyroid0387,soybean,vehicle"
REMOVALS = {  # what each part tells, and its lists: components, betas, weights and seeds
    "masks": ("pixels inverted by masks", "8", ".01,.1", "0,1,5,20,auto", "0"),
    "frontier": ("Gaussian, nuisance related to y", "2", ".01,.1", "0,auto", "0"),
    "adult": ("income without sex", "2,8", ".01", "0,auto", "0"),
    "audit": ("audit and bound", "4", ".03,.1,.3", "auto", "0"),
    "images": ("digits over clothes", "8", ".03", "0,auto", "0"),
}


def digits(args):
    X, y = load_digits(return_X_y=True)
    for n_components in args.components:
        for seed in args.seeds:
            folds = StratifiedKFold(5, shuffle=True, random_state=seed)
            for name in args.maps:
                score = score_own if name == "bottleneck" else score_rival
                found, seconds = timed(score, name, n_components, X, y, folds, seed)
                say(
                    f"{name:10} {n_components} components, seed {seed}: accuracy {found[0]:.3f}, "
                    f"nats {told(found[1])}, {seconds:.0f} s"
                )


def score_own(name, n_components, X, y, folds, seed):
    model = bottleneck(n_components, random_state=seed)
    place, seconds = timed(model.fit_transform, X, y)
    say(
        f"{name}: fit {seconds:.0f} s, {model.n_iter_} epochs, beta {model.beta_:g}, rate "
        f"{model.rate_:.2f}"
    )
    return cross_val_score(KNeighborsClassifier(15), place, y, cv=folds).mean(), of_y(model)


def tables(args):
    sources = folder_tables(args.folder, args.target, args.drop, args.rows)
    for name in args.sets:
        X, y = sources[name]()
        everything, seconds = timed(judged, X, y, args.seeds[0])
        say(f"{name} {X.shape}, all columns: {told(everything)}, {seconds:.0f} s")
        for n_components in args.components:
            for seed in args.seeds:
                model = bottleneck(n_components, random_state=seed)
                model, seconds = timed(model.fit, X, y)
                say(
                    f"    {n_components} components, seed {seed}: {told(of_y(model))}, share "
                    f"{of_y(model)[0] / everything[0]:.3f}, beta {model.beta_:g}, rate "
                    f"{model.rate_:.2f}, {seconds:.0f} s"
                )


def photos(args):
    archive = np.load(args.archive)
    X, y = archive["X_train"][: args.rows, None], archive["y_train"][: args.rows]
    limits = {} if args.max_iter is None else {"max_iter": args.max_iter}
    if args.of is None:
        everything, seconds = timed(judged, X, y, args.seeds[0])
        say(f"{X.shape}, the images: {told(everything)}, {seconds:.0f} s")
    else:
        everything = args.of, None
    for n_components, beta, seed in product(args.components, args.betas, args.seeds):
        model = bottleneck(n_components, beta=beta, random_state=seed, **limits)
        model, seconds = timed(model.fit, X, y)
        say(
            f"    {n_components} components, beta {beta:g}, seed {seed}: {told(of_y(model))}, "
            f"share {of_y(model)[0] / everything[0]:.3f}, rate {model.rate_:.2f}, {seconds:.0f} s"
        )


def random(args):
    """The one-sided 95 % limit is the lower end of the 90 % interval."""
    found, scores = np.zeros(2, dtype=int), []
    for seed in range(args.replications):
        rng = np.random.default_rng(seed)
        X, y = rng.standard_normal((args.rows, 10)), rng.integers(3, size=args.rows)
        model = bottleneck(random_state=seed).fit(X, y)
        lows = [model.mutual_info_interval(level)[0] for level in (0.95, 0.9)]
        found += np.array(lows) > 0
        scores.append(model.mutual_info_score_)
        say(f"seed {seed:2}: {scores[-1]:+.4f}, lower limits {lows[0]:+.4f} and {lows[1]:+.4f}")
    error = np.std(scores, ddof=1) / np.sqrt(len(scores))
    say(
        f"{len(scores)} replications: mean {np.mean(scores):+.4f} +- {error:.4f}; above 0: lower "
        f"end of the 95 % interval in {found[0]}, one-sided 95 % limit in {found[1]}"
    )


def gaussian(args):
    exact = data.exact_relevance(RATES)
    say("exact:", ", ".join(f"R {r:g}: {v:.3f}" for r, v in zip(RATES, exact, strict=True)))
    for n_bins in args.bins:
        for seed in args.seeds:
            X, y = data.gaussian_pair(args.rows, seed)
            path = np.geomspace(*args.betas, args.steps)
            model = bottleneck(1, beta=path, n_bins=n_bins, random_state=seed)
            model, seconds = timed(model.fit, X, y)
            curve = model.information_curve_
            own = np.interp(RATES, np.r_[0, curve.rate], np.r_[0, curve.relevance])
            each = zip(RATES, own, exact, data.chance_of_rows(X, y, RATES), strict=True)
            words = [f"R {r:g}: {v:.3f} ({v - e:+.3f}, chance {c:+.3f})" for r, v, e, c in each]
            say(f"{n_bins} bins, seed {seed}:", ", ".join(words) + f", {seconds:.0f} s")
            for name in ("beta", "rate", "relevance", "relevance_stderr"):
                say(f"    {name:16}", *(f"{v:7.3f}" for v in curve[name]))
            exactly = "{:.3f}, of its bin {:.3f}".format(*data.sampled_relevance(X, y, n_bins))
            say(f"    map {told(of_y(model))}; the exact model, on these rows, of y {exactly}")


def time(args):
    X = np.random.RandomState(0).normal(size=(2000, 20))
    y = (X[:, :3].sum(axis=1) + np.random.RandomState(1).normal(size=2000) > 0).astype(int)
    for _ in range(args.rounds):
        model, seconds = timed(bottleneck(random_state=0).fit, X, y)
        _, bare = timed(bare_bottlenecks, X, y, model.n_iter_)
        say(
            f"2,000 x 20, defaults: {seconds:.1f} s, {model.n_iter_} epochs of 25 networks; bare "
            f"loop {bare:.1f} s, ratio {seconds / bare:.2f}"
        )


def of(kind):
    return lambda text: [kind(part) for part in text.split(",")]


def weight(text):
    return text if text == "auto" else float(text)


def add(commands, name, words, do, **lists):
    """A command with options that are lists of numbers, where these have their defaults."""
    command = commands.add_parser(name, help=words)
    command.set_defaults(do=do)
    kinds = {"components": int, "seeds": int, "bins": int, "betas": float, "weights": weight}
    for option, default in lists.items():
        command.add_argument(f"--{option}", type=of(kinds[option]), default=default)
    return command


def add_folder(command):
    command.add_argument("--folder", required=True, help="of CSV files")
    command.add_argument("--target")
    command.add_argument("--drop", type=of(str), default=[])


def parse(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    maps = ["bottleneck", *RIVALS]
    command = add(commands, "digits", "beside other maps", digits, components="2", seeds="0,1")
    command.add_argument("--maps", type=of(str), default=maps)
    command = add(commands, "tables", "share kept", tables, components="1,2,8", seeds="0")
    add_folder(command)
    command.add_argument("--sets", type=of(str), default=of(str)(TABLES))
    command.add_argument("--rows", type=int, default=2000, help="at most")
    command = add(
        commands, "photos", "share kept", photos, components="2,8", seeds="0", betas=".03"
    )
    command.add_argument("archive", help="an .npz file of images, X_train and y_train")
    command.add_argument("--rows", type=int, default=10_000)
    command.add_argument("--max-iter", type=int, help="epochs, if not those of the default")
    command.add_argument("--of", type=float, help="nats of the images, where already judged")
    command = add(commands, "random", "labels of no meaning", random)
    command.add_argument("--replications", type=int, default=20)
    command.add_argument("--rows", type=int, default=400)
    command = add(
        commands, "gaussian", "known truth", gaussian, bins="16,64", betas=".01,.5", seeds="0,1,2"
    )
    command.add_argument("--rows", type=int, default=5000)
    command.add_argument("--steps", type=int, default=12, help="of the path between two betas")
    command = add(commands, "time", "beside a bare loop", time)
    command.add_argument("--rounds", type=int, default=3)
    for name, (words, *defaults) in REMOVALS.items():
        names = ("components", "betas", "weights", "seeds")
        lists = dict(zip(names, defaults, strict=True))
        add_removal(name, add(commands, name, words, getattr(nuisance, name), **lists))
    return parser.parse_args(arguments)


def add_removal(name, command):
    rows = {"frontier": 6000, "adult": 6000, "audit": 800}
    if name in rows:
        command.add_argument("--rows", type=int, default=rows[name])
    if name == "adult":
        add_folder(command)
    if name == "images":
        command.add_argument("archive", help="an .npz file of images, X_train and y_train")
        command.add_argument("--classes", type=int, default=10, help="of backgrounds")
        command.add_argument("--max-iter", type=int, help="epochs, if not those of the default")


def main():
    args = parse()
    say(describe())
    args.do(args)


if __name__ == "__main__":
    main()
