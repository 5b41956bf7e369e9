"""Do the chosen columns hold the information? The exclusive or, and tables against rivals.

    python benchmarks/selection.py xor --runs 40
    python benchmarks/selection.py tables --folder DIR --drop split --save lines.jsonl
    python benchmarks/selection.py summary lines.jsonl

"xor": an exclusive or with 5 % flips among 20 columns in 1,000 rows; how often both are chosen, and
how many others with them.

"tables": 3, 5 and 10 columns, fewer than the table has, are chosen on the training rows of each of
five outer folds. What they hold is certified on the held-out rows by two classifiers that are
fitted to these columns of the training rows: gradient boosting, which no selector uses in this
form, and our networks without companions. Their probabilities are calibrated across the outer
folds, all alike. Rivals: mRMR, `SelectKBest(mutual_info_classif)`, `RFE` with a forest, and
`SequentialFeatureSelector` with a logistic regression and the log loss. Lines that FILE has are
kept.

"summary": nats of each table, and the lead of ours over each rival: mean over the tables, with its
standard error over them.
"""

import argparse
import json
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from _machine import describe
from _selectors import SELECTORS
from _tables import folder_tables
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import LabelEncoder

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.datasets import make_xor
from sklearn_mi.feature_selection import SelectByMutualInfo
from sklearn_mi.model_selection import cross_val_mutual_info

SIZES = (3, 5, 10)
TABLES = (
    "german_credit,keel_vowel0,adult,keel_yeast4,page_blocks,car,vehicle,phoneme,oil_spill,"
    "spambase,wine_quality_white,segment,splice,yeast,dry_bean,thyroid0387"
)


class Stated(ClassifierMixin, BaseEstimator):
    """Rows are log probabilities already."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        return np.exp(X)


def judges():
    boosting = HistGradientBoostingClassifier(
        max_iter=50, max_leaf_nodes=15, early_stopping=False, random_state=0
    )
    ours = MutualInfoClassifier(cv=3, estimators=None, max_iter=30, n_threads=1, random_state=0)
    return {"boosting": boosting, "networks": ours}


def xor(args):
    both, others, seconds = 0, [], []
    for seed in range(args.runs):
        X, y = make_xor(1000, 20, random_state=seed)
        start = time.process_time()
        selector = SelectByMutualInfo(random_state=seed).fit(X, y)
        seconds.append(time.process_time() - start)
        found = set(selector.get_support(indices=True).tolist())
        both += {0, 1} <= found
        others.append(len(found - {0, 1}))
        print(f"run {seed}: {sorted(found)}, {seconds[-1]:.0f} s of CPU", flush=True)
    print(
        f"{args.runs} runs: both found in {both}; others with them: none in {others.count(0)}, "
        f"at most {max(others)}; {np.mean(seconds):.0f} s of CPU a run"
    )


def tables(args):
    """One line of JSON for each table, selector, number of columns and judge."""
    warnings.simplefilter("ignore")
    path = Path(args.save)
    lines = path.read_text().splitlines() if path.exists() else []
    done = {(row["set"], row["selector"]) for row in map(json.loads, lines)}
    sources = folder_tables(args.folder, args.target, args.drop, args.max_rows)
    for name in args.sets:
        names = [selector for selector in args.selectors if (name, selector) not in done]
        if not names:
            continue
        X, labels = sources[name]()
        rows = list(of_table(X, LabelEncoder().fit_transform(labels), names))
        with path.open("a") as file:
            file.writelines(json.dumps({"set": name} | row) + "\n" for row in rows)
        print(name, X.shape, flush=True)


def of_table(X, y, names):
    splits = list(StratifiedKFold(5, shuffle=True, random_state=0).split(X, y))
    most = min(max(SIZES), X.shape[1])
    orders, seconds = {}, {}
    for name in names:
        start = time.process_time()
        orders[name] = [SELECTORS[name](X.iloc[t], y[t], most) for t, _ in splits]
        seconds[name] = time.process_time() - start
    known = {}
    for size in [s for s in SIZES if s < X.shape[1]]:
        for name, chosen in orders.items():
            subsets = [tuple(sorted(order[:size].tolist())) for order in chosen]
            for judge, clf in judges().items():
                told = certify(judge, clf, X, y, splits, subsets, known)
                yield {
                    "selector": name,
                    "size": size,
                    "judge": judge,
                    "mi": round(told.score, 4),
                    "se": round(told.standard_error, 4),
                    "entropy": round(told.label_entropy, 4),
                    "columns": subsets,
                    "seconds": round(seconds[name] / len(splits), 2),
                    "n": len(y),
                    "d": X.shape[1],
                }


def certify(judge, clf, X, y, splits, subsets, known):
    """Information of held-out rows, by clones that were fitted to the columns of each fold."""
    log_proba = np.full((len(y), y.max() + 1), -np.inf)
    for k, ((train, held), subset) in enumerate(zip(splits, subsets, strict=True)):
        key = judge, k, subset
        if key not in known:
            own = X.iloc[:, list(subset)]
            fitted = clf.fit(own.iloc[train], y[train])
            with np.errstate(divide="ignore"):
                known[key] = fitted.classes_, np.log(fitted.predict_proba(own.iloc[held]))
        classes, said = known[key]
        log_proba[np.ix_(held, classes)] = said
    return cross_val_mutual_info(Stated(), log_proba, y, cv=splits, calibrate=True)


def summary(args):
    lines = [line for path in args.files for line in Path(path).read_text().splitlines()]
    frame = pd.DataFrame(map(json.loads, lines))
    for judge, own in frame.groupby("judge"):
        wide = own.pivot_table(index=["set", "size"], columns="selector", values="mi")
        print(f"\nnats certified by {judge} on the chosen columns")
        print(wide[list(SELECTORS)].round(3).to_string())
        print("lead of ours: mean over tables +- standard error, tables in which it is ahead")
        for size, part in wide.groupby("size"):
            leads = part.drop(columns="ours").rsub(part["ours"], axis=0)[list(SELECTORS)[1:]]
            figures = [
                f"{name} {lead.mean():+.3f} +- {lead.sem():.3f} ({(lead > 0).sum()}/{len(lead)})"
                for name, lead in leads.items()
            ]
            print(f"  {size:2} columns: " + ", ".join(figures))
    print("\nseconds of CPU for one selection")
    print(frame.groupby(["set", "selector"])["seconds"].first().unstack().to_string())


def parse(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("xor", help="how often both columns are found")
    command.add_argument("--runs", type=int, default=40)
    command.set_defaults(do=xor)
    command = commands.add_parser("tables", help="certified information of the chosen columns")
    command.add_argument("--folder", required=True, help="of CSV files")
    command.add_argument("--target")
    command.add_argument("--drop", type=lambda text: text.split(","), default=[])
    command.add_argument("--sets", type=lambda text: text.split(","), default=TABLES.split(","))
    command.add_argument("--selectors", type=lambda text: text.split(","), default=list(SELECTORS))
    command.add_argument("--max-rows", type=int, default=400)
    command.add_argument(
        "--save", required=True, help="a file of lines, to which new ones are added"
    )
    command.set_defaults(do=tables)
    command = commands.add_parser("summary", help="reads such lines")
    command.add_argument("files", nargs="+")
    command.set_defaults(do=summary)
    return parser.parse_args(arguments)


def main():
    args = parse()
    print(describe(), flush=True)
    args.do(args)


if __name__ == "__main__":
    main()
