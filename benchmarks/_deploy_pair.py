"""One process of deploy.py: a classifier and HistGradientBoosting fit and answer in turn.

    python benchmarks/_deploy_pair.py FOLDER MODEL FITS ROUNDS ANSWERS

FOLDER holds the table as table.pkl and gets the fitted classifier as model.pkl; what was measured
is printed as a line of JSON. Seconds are those of the processor, in all threads of the process.
"""

import json
import pickle
import sys
import warnings
from importlib.util import find_spec
from pathlib import Path
from time import process_time

import numpy as np
from _deploy_models import OF_SKOPS, make_one, some_rows

ROWS_PER_ROUND, MOST_CALLS = 3000, 20  # of small answers each round takes the median of several


def in_turn(own, hgb, n_turns=1):
    """Seconds of each call (2, n) of two functions in turn, and what they gave last."""
    seconds, given = np.empty((2, n_turns)), [None, None]
    for turn in range(n_turns):
        for k, call in enumerate((own, hgb)):
            start = process_time()
            given[k] = call(turn)
            seconds[k, turn] = process_time() - start
    return seconds, given


def time_fits(name, X, y, n_fits):
    """Seconds of the fits (2, n) of a classifier and of HistGradientBoosting, and both fitted."""
    calls = [lambda turn, n=n: make_one(n, X).fit(X, y) for n in (name, "hgb")]
    return in_turn(*calls, n_fits)


def time_answers(models, X, n_rows, n_rounds):
    """Seconds of an answer about so many rows in each round, (2, rounds)."""
    n_calls = int(np.clip(ROWS_PER_ROUND // n_rows, 1, MOST_CALLS))
    blocks = [some_rows(X, turn * n_rows, n_rows) for turn in range(n_calls)]
    calls = [lambda turn, m=model: m.predict_proba(blocks[turn]) for model in models]
    in_turn(*calls)  # the first call may set things up
    rounds = [np.median(in_turn(*calls, n_calls)[0], axis=1) for _ in range(n_rounds)]
    return np.transpose(rounds)


def skops_bytes(name, model):
    """Size of a file of skops, or why there is none; None where it is not installed."""
    if name not in OF_SKOPS or find_spec("skops") is None:
        return None
    from skops.io import dumps

    try:
        return len(dumps(model))
    except Exception as error:  # a format that refuses is no reason to lose the seconds
        return repr(error)[:200]


def main():
    warnings.simplefilter("ignore")
    folder, name, n_fits, n_rounds, answers = sys.argv[1:]
    X, y = pickle.loads((Path(folder) / "table.pkl").read_bytes())
    seconds = {}
    seconds["fit"], fitted = time_fits(name, X, y, int(n_fits))
    stored = [pickle.dumps(model) for model in fitted]
    (Path(folder) / "model.pkl").write_bytes(stored[0])
    models = [pickle.loads(each) for each in stored]  # as they would answer somewhere else
    for n_rows in map(int, answers.split(",")):
        seconds[str(n_rows)] = time_answers(models, X, n_rows, int(n_rounds))
    found = {"bytes": len(stored[0]), "skops_bytes": skops_bytes(name, fitted[0])}
    pairs = {what: [[float(f"{s:.4g}") for s in own] for own in both]
             for what, both in seconds.items()}  # fmt: skip
    print(json.dumps({**found, "seconds": pairs}))


if __name__ == "__main__":
    main()
