"""Does the asymptote that half of the rows show hold for all of them?

    python benchmarks/curve.py --folder DIR --drop split > mine.txt
    python benchmarks/curve.py --folder DIR --drop split --models ours,hgb --sets car,splice

For each table a curve of information against rows is fitted to a stratified half. "held" says
whether the estimate on all rows, by the same kind of classifier, lies in the interval of the
asymptote (80 % by default), and "twice" whether it lies in that of twice the rows. All in nats;
"half" is the estimate on the half.
"""

import argparse
import time

import numpy as np
from _machine import describe
from _tables import folder_tables
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.inspection import mutual_info_curve
from sklearn_mi.model_selection import cross_val_mutual_info


def ours(seed):
    return MutualInfoClassifier(cv=5, n_threads=1, random_state=seed)


def hgb(seed):
    return HistGradientBoostingClassifier(categorical_features="from_dtype", random_state=seed)


def logistic(seed):
    columns = make_column_transformer(
        (
            make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()),
            make_column_selector(dtype_include="number"),
        ),
        (
            OneHotEncoder(handle_unknown="ignore", sparse_output=False),
            make_column_selector(dtype_exclude="number"),
        ),
    )
    return make_pipeline(columns, LogisticRegression(max_iter=2000))


MODELS = {"ours": ours, "hgb": hgb, "logistic": logistic}


def of_all(name, model, X, y):
    if name == "ours":
        return model.fit(X, y).mutual_info_score_
    return cross_val_mutual_info(model, X, y, calibrate=True).score


def show(name, load, model, seed, level):
    X, y = load()
    half, _, own, _ = train_test_split(X, y, train_size=0.5, stratify=y, random_state=seed)
    start = time.process_time()
    options = {"confidence_level": level, "random_state": seed}
    c = mutual_info_curve(MODELS[model](seed), half, own, **options)
    seconds = time.process_time() - start
    found = of_all(model, MODELS[model](seed), X, y)
    held = c.asymptote_low <= found <= c.asymptote_high
    twice = c.doubled_low <= found <= c.doubled_high
    print(
        f"{name:20s} {model:9s} {len(y):6,d} {c.mutual_info[-1]:7.4f} {found:7.4f}"
        f"  {c.asymptote:.4f} ({c.asymptote_low:.4f}, {c.asymptote_high:.4f})"
        f"  {c.doubled:.4f} ({c.doubled_low:.4f}, {c.doubled_high:.4f})"
        f" {c.label_entropy:7.4f} {'yes' if held else 'NO':4s} {'yes' if twice else 'NO':5s}"
        f" {seconds:5.0f}",
        flush=True,
    )
    return held, twice


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", required=True, help="of CSV files")
    parser.add_argument("--drop", default="", help="columns that are no inputs, with commas")
    parser.add_argument("--sets", default="", help="only these tables")
    parser.add_argument("--models", default="ours", help=", ".join(MODELS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--max-rows", type=int, default=10_000)
    parser.add_argument("--level", type=float, default=0.8)
    arguments = parser.parse_args()
    drop = [column for column in arguments.drop.split(",") if column]
    tables = folder_tables(arguments.folder, drop=drop, max_rows=arguments.max_rows)
    chosen = arguments.sets.split(",") if arguments.sets else list(tables)
    print(describe(), end="\n\n")
    print(f"{'table':20s} {'model':9s} {'rows':>6s} {'half':>7s} {'all':>7s}  ", end="")
    print(f"{'asymptote':25s} {'twice the rows':25s}    H(Y) held twice     s")
    for model in arguments.models.split(","):
        options = model, arguments.seed, arguments.level
        results = [show(name, tables[name], *options) for name in chosen]
        held, twice = np.sum(results, axis=0)
        print(f"{model}: held {held} of {len(results)}, twice {twice}\n")


if __name__ == "__main__":
    main()
