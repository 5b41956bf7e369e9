"""Are the estimates valid? Known truths, lower limits over replications, time and memory by rows.

    python benchmarks/validity.py truth                       # a verdict for every kind of data
    python benchmarks/validity.py coverage --n-jobs 2         # 200 replications of 400 rows
    OMP_NUM_THREADS=1 python benchmarks/validity.py scaling   # 1,000 to 100,000 rows
    python benchmarks/validity.py fresh --tables DIR --save mine.jsonl   # on rows that came later
    python benchmarks/validity.py table before.jsonl mine.jsonl          # two such runs

All fits use the defaults of `MutualInfoClassifier`; a seed gives both the data and the networks.

truth: an estimate is within where |error| is at most two standard errors plus .01 nats, for
parities at most .03 nats. XOR is that of the signs of two inputs; the bits of 5-bit parity come as
0 and 1; 5 % of the labels of both are flipped. The rest is in the docstrings of
`make_gaussian_classes` and `make_mixed_table`. "NO": out of range for at least one seed.

coverage: rows are drawn independently, their class shares included. A lower limit of 95 % may lie
above the truth in 5 % of the replications; two binomial standard deviations more are allowed.
"Certified" is the mean pointwise mutual information of 10,000 fresh rows under the classifier as it
predicts, an average of networks. The rows of the estimate are scored by fewer networks, on fewer
rows: an estimate below what is certified is no surprise, one above it would be optimism.

scaling: 10 columns, 3 classes, each size in a process of its own; the slope is that of log seconds
over log rows, and 1 is linear.

fresh: real tables, half of the rows to fit on, and made ones (`_fresh_tables.py`). The mean
pointwise mutual information of the fresh rows stands beside the estimate and its one-sided limit of
95 %. A limit is "false" where it is above the fresh mean by more than the standard error of that; a
twentieth may be, of those for which no warning told of repeated rows. Tables whose every split was
told of have no part in the mean difference. "By errors": by how many standard errors `predict` is
better on fresh rows than guessing the largest class of the fit.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from functools import partial

import numpy as np
from _fresh import add_commands
from _machine import describe
from joblib import Parallel, delayed, parallel_config
from sklearn.datasets import make_classification

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.datasets import make_gaussian_classes, make_mixed_table, make_xor

PARTS = np.array([5, 10, 15, 20, 25]) / 75
SIZES = [1_000, 3_000, 10_000, 30_000, 100_000]
FRESH_ROWS = 10_000
SLOPE_WANTED = 1.05


def in_parallel(function, arguments, n_jobs):
    """Results in the order of the arguments, each worker on one thread."""
    with parallel_config("loky", n_jobs=n_jobs, inner_max_num_threads=1):
        return Parallel()(delayed(function)(*each) for each in arguments)


# --- truth ----------------------------------------------------------------------------------------


def standard_allowance(error):
    return 2 * error + 0.01


def parity_allowance(error):
    return 0.03


def make_bits(n_samples, **options):
    """Parity of five inputs that are 0 or 1."""
    data = make_xor(n_samples, 5, n_informative=5, **options)
    data.X = (data.X > 0).astype(float)
    return data


def truth_cases():
    """Name, generator, rows and allowed error of each kind of data."""
    for prior, shares in [(None, "balanced"), (PARTS, "5:10:15:20:25")]:
        for d in [2, 5, 10]:
            make = partial(
                make_gaussian_classes, n_features=d, class_prior=prior, n_monte_carlo=400_000
            )
            for rows in [2000, 8000]:
                yield f"Gaussians d={d} {shares}", make, rows, standard_allowance
    yield "XOR, 18 more inputs", partial(make_xor, n_features=20), 8000, parity_allowance
    yield "5-bit parity", make_bits, 8000, parity_allowance
    for rows in [2000, 8000]:
        yield "mixed table", make_mixed_table, rows, standard_allowance


def against_truth(make, rows, allowance, seed):
    """Truth, estimate, its standard error, the allowed error and seconds."""
    data = make(n_samples=rows, return_X_y=False, random_state=seed)
    start = time.perf_counter()
    clf = MutualInfoClassifier(random_state=seed).fit(data.X, data.y)
    seconds = time.perf_counter() - start
    error = np.hypot(clf.mutual_info_stderr_, data.mutual_info_stderr)
    return data.mutual_info, clf.mutual_info_score_, error, allowance(error), seconds


def truth_line(name, rows, runs):
    """One line of the table from the runs of all seeds."""
    truth, estimate, error, allowed, seconds = np.transpose(runs)
    gap = estimate - truth
    n_within = int(np.sum(np.abs(gap) <= allowed))
    verdict = "yes" if n_within == len(gap) else "NO"
    return (
        f"{name:29} {rows:5} {truth.mean():7.4f} {estimate.mean():8.4f} {error.mean():6.4f} "
        f"{gap.mean():+8.4f} {gap.min():+8.4f} to {gap.max():+.4f} {allowed.mean():7.4f} "
        f"{verdict:>4} {n_within}/{len(gap)} {seconds.mean():6.1f}"
    )


def run_truth(args):
    print(
        f"{'data':29} {'rows':>5} {'truth':>7} {'estimate':>8} {'s.e.':>6} {'error':>8} "
        f"{'range of errors':>19} {'allowed':>7} {'within':>8} {'s':>6}"
    )
    for name, make, rows, allowance in truth_cases():
        arguments = [(make, rows, allowance, seed) for seed in args.seeds]
        print(
            truth_line(name, rows, in_parallel(against_truth, arguments, args.n_jobs)), flush=True
        )


# --- coverage -------------------------------------------------------------------------------------


def gaussian_rows(n, seed):
    """Five balanced classes in two dimensions; the first rows of many have shares by chance."""
    return make_gaussian_classes(n, 2, random_state=seed)


def independent_rows(n, seed):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, 5)), rng.integers(2, size=n)


def coverage_cases():
    """Name, source of rows and truth of each kind of data."""
    long = make_gaussian_classes(
        5, 2, return_X_y=False, n_monte_carlo=5_000_000, random_state=0
    ).mutual_info
    yield "Gaussians d=2", gaussian_rows, long
    yield "y independent of 5 columns", independent_rows, 0.0


def replicate(draw, rows, seed):
    """Estimate, standard error, both lower limits and what is certified on fresh rows."""
    X, y = draw(rows + FRESH_ROWS, seed)
    clf = MutualInfoClassifier(random_state=seed).fit(X[:rows], y[:rows])
    fresh = clf.pointwise_mutual_info(X[rows:])
    certified = fresh[np.arange(FRESH_ROWS), np.searchsorted(clf.classes_, y[rows:])].mean()
    limits = [clf.mutual_info_interval(level)[0] for level in (0.90, 0.95)]
    return clf.mutual_info_score_, clf.mutual_info_stderr_, *limits, certified


def limit_verdict(limits, truth, expected):
    """Share of limits above the truth, the most that chance explains, and whether it is within."""
    share = float(np.mean(np.asarray(limits) > truth))
    allowed = expected + 2 * np.sqrt(expected * (1 - expected) / len(limits))
    return share, allowed, "yes" if share <= allowed else "NO"


def bias_verdict(differences):
    """Mean, its standard error, and whether it is zero within two of them."""
    mean = np.mean(differences)
    error = np.std(differences, ddof=1) / np.sqrt(len(differences))
    if abs(mean) <= 2 * error:
        return mean, error, "unbiased"
    return mean, error, "OPTIMISTIC" if mean > 0 else "pessimistic"


def coverage_block(name, truth, runs):
    """The lines on one kind of data from all of its replications."""
    estimate, error, low95, low975, certified = np.transpose(runs)
    lines = [f"\n{name}: truth {truth:.4f}, {len(runs)} replications"]
    for level, limits in [(0.95, low95), (0.975, low975)]:
        share, allowed, verdict = limit_verdict(limits, truth, 1 - level)
        lines.append(
            f"  one-sided {level:.1%} limit above the truth  {share:.3f}, "
            f"allowed {allowed:.3f}  {verdict}"
        )
    lines.append(
        f"  estimate {estimate.mean():.4f}, bias {estimate.mean() - truth:+.4f}, "
        f"s.d. {estimate.std(ddof=1):.4f}, mean standard error {error.mean():.4f}"
    )
    mean, its_error, verdict = bias_verdict(estimate - certified)
    lines.append(
        f"  certified on fresh rows {certified.mean():.4f}; estimate minus certified "
        f"{mean:+.4f} +- {its_error:.4f}  {verdict}"
    )
    return "\n".join(lines)


def run_coverage(args):
    for name, draw, known in coverage_cases():
        start = time.perf_counter()
        arguments = [(draw, args.rows, seed) for seed in range(args.replications)]
        runs = in_parallel(replicate, arguments, args.n_jobs)
        print(coverage_block(name, known, runs))
        print(f"  {args.rows} rows, {time.perf_counter() - start:.0f} s", flush=True)


# --- scaling --------------------------------------------------------------------------------------


def peak_memory():
    """The most memory that this process has held so far, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def one_fit(args):
    """Time and memory of one fit as JSON; runs in a process of its own, or peaks would add up."""
    X, y = make_classification(args.rows, 10, n_informative=6, n_classes=3, random_state=0)
    before, start = peak_memory(), time.perf_counter()
    clf = MutualInfoClassifier(random_state=0).fit(X, y)
    seconds = time.perf_counter() - start
    print(json.dumps([seconds, clf.n_iter_, before, peak_memory()]))


def slope(rows, seconds):
    """Of a straight line through log seconds over log rows."""
    return float(np.polyfit(np.log(rows), np.log(seconds), 1)[0])


def run_scaling(args):
    print(f"{'rows':>7} {'seconds':>8} {'epochs':>6} {'peak MiB':>9} {'by the fit':>10}")
    seconds = []
    for rows in args.sizes:
        command = [sys.executable, __file__, "one-fit", str(rows)]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
        spent, epochs, before, peak = json.loads(done.stdout)
        seconds.append(spent)
        print(f"{rows:7} {spent:8.2f} {epochs:6} {peak:9.0f} {peak - before:10.0f}", flush=True)
    steepness = slope(args.sizes, seconds)
    verdict = "yes" if steepness <= SLOPE_WANTED else "NO"
    print(f"slope of the time {steepness:.3f}, wanted at most {SLOPE_WANTED}: {verdict}")


# --- command line ---------------------------------------------------------------------------------


def numbers(text):
    """1,2,3 as a list."""
    return [int(number) for number in text.split(",")]


def parse(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("truth")
    command.add_argument("--seeds", type=numbers, default=[0, 1, 2])
    command.add_argument("--n-jobs", type=int, default=1)
    command.set_defaults(do=run_truth)
    command = commands.add_parser("coverage")
    command.add_argument("--replications", type=int, default=200)
    command.add_argument("--rows", type=int, default=400)
    command.add_argument("--n-jobs", type=int, default=1)
    command.set_defaults(do=run_coverage)
    command = commands.add_parser("scaling")
    command.add_argument("--sizes", type=numbers, default=SIZES)
    command.set_defaults(do=run_scaling)
    command = commands.add_parser("one-fit", help="what scaling runs")
    command.add_argument("rows", type=int)
    command.set_defaults(do=one_fit)
    add_commands(commands, numbers)
    return parser.parse_args(arguments)


def main():
    args = parse()
    if args.do is not one_fit:
        print(describe(), flush=True)
    args.do(args)


if __name__ == "__main__":
    main()
