"""Is a stored classifier that was damaged or edited refused?

    python benchmarks/stored_files.py --files 1000 --seed 0

A small classifier is stored by skops, and the file is spoilt in one of seven ways: some bits are
flipped, or it is cut; or it is taken apart and put together again, with right checksums, after a
byte of an array or of the schema was changed, a number or a name in the schema was replaced, two
members were interchanged, or one was left out. Opening it, with the package's own name trusted, is
to end in an error ("refused") or in a classifier that holds and says the same to the bit ("equal").
"DIFFERENT" has to be 0, and so has "ran", files that started a process, opened a connection or
removed something. That the script ends at all says that none ended the process.
"""

import argparse
import io
import re
import sys
import time
import warnings
import zipfile
from collections import Counter

import numpy as np
import skops.io
from _machine import describe
from sklearn.linear_model import LogisticRegression

from sklearn_mi import TRUSTED_TYPES, MutualInfoClassifier

OUTCOMES = ("refused", "equal", "DIFFERENT", "ran")
SCHEMA = "schema.json"
EVENTS = ("subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.remove", "socket.connect")


def make_rows(n_rows=80):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_rows, 3))
    return X, (X[:, 0] + rng.normal(size=n_rows) > 0).astype(int)


def make_classifier():
    small = {"hidden_layer_sizes": (4,), "max_iter": 3, "cv": 2, "random_state": 0}
    estimators = [("linear", LogisticRegression())]
    return MutualInfoClassifier(estimators=estimators, **small).fit(*make_rows())


# --- ways to spoil a file -----------------------------------------------------------------------


def flip_bits(data, rng):
    spoilt = bytearray(data)
    for place in rng.integers(len(data), size=rng.integers(1, 4)):
        spoilt[place] ^= 1 << rng.integers(8)
    return bytes(spoilt)


def cut(data, rng):
    return data[: rng.integers(len(data))]


def edit_array(data, rng):
    def change(members):
        name = rng.choice([name for name in members if name != SCHEMA])
        members[name] = flip_bits(members[name], rng)

    return _rebuilt(data, change)


def edit_schema(data, rng):
    return _rebuilt(data, lambda members: members.update({SCHEMA: flip_bits(members[SCHEMA], rng)}))


def edit_value(data, rng):
    """Another digit for a digit of the schema, or another letter for a letter."""

    def change(members):
        text = members[SCHEMA].decode()
        place = rng.choice([match.start() for match in re.finditer(r"[0-9a-zA-Z]", text)])
        other = rng.choice(list("0123456789" if text[place].isdigit() else "abcdeXYZ"))
        members[SCHEMA] = (text[:place] + other + text[place + 1 :]).encode()

    return _rebuilt(data, change)


def swap_members(data, rng):
    def change(members):
        one, other = rng.choice([name for name in members if name != SCHEMA], 2, replace=False)
        members[one], members[other] = members[other], members[one]

    return _rebuilt(data, change)


def leave_out_member(data, rng):
    return _rebuilt(data, lambda members: members.pop(rng.choice(list(members))))


def _rebuilt(data, change):
    """The same file with right checksums after a change of its members."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        members = {name: file.read(name) for name in file.namelist()}
    change(members)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    return buffer.getvalue()


WAYS = {
    "bits flipped": flip_bits,
    "cut": cut,
    "array edited": edit_array,
    "schema edited": edit_schema,
    "value replaced": edit_value,
    "members swapped": swap_members,
    "member left out": leave_out_member,
}


# --- what comes of it ---------------------------------------------------------------------------

SEEN = []
sys.addaudithook(lambda event, _: SEEN.append(event) if event.startswith(EVENTS) else None)


def outcome_of(data, clf, X):
    SEEN.clear()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            opened = skops.io.loads(data, trusted=TRUSTED_TYPES)
            found = opened.__getstate__()["digests"], opened.predict_proba(X)
    except Exception:
        found = None
    if SEEN:
        return "ran"
    if found is None:
        return "refused"
    same = found[0] == clf.__getstate__()["digests"]
    return "equal" if same and np.array_equal(found[1], clf.predict_proba(X)) else "DIFFERENT"


def count(n_files, seed):
    """Number of files for each way and outcome."""
    clf, (X, _) = make_classifier(), make_rows()
    data, rng, counts = skops.io.dumps(clf), np.random.default_rng(seed), Counter()
    for number in range(n_files):
        way = list(WAYS)[number % len(WAYS)]
        spoilt = WAYS[way](data, rng)
        outcome = "equal" if spoilt == data else outcome_of(spoilt, clf, X)
        counts[way, outcome] += 1
    return counts


def lines(counts):
    yield " " * 18 + "".join(f"{outcome:>12}" for outcome in OUTCOMES)
    for way in WAYS:
        yield f"{way:18}" + "".join(f"{counts[way, outcome]:12,}" for outcome in OUTCOMES)
    totals = [sum(counts[way, outcome] for way in WAYS) for outcome in OUTCOMES]
    yield f"{'all':18}" + "".join(f"{total:12,}" for total in totals)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    start = time.time()
    counts = count(args.files, args.seed)
    print("\n".join(lines(counts)))
    print(f"\n{args.files:,} files in {time.time() - start:.0f} s; {describe()}")


if __name__ == "__main__":
    main()
