"""Columns and a label drawn from small joint tables, with what subsets of the columns tell."""

from itertools import product

import numpy as np
import pandas as pd

FLIP = 0.05


def _flipped(p):
    return ((0, 1 - p), (1, p))


def xor():
    """Two signs, their parity with flips; probability of each (columns, label)."""
    return {
        ((a, b), a ^ b ^ f): 0.25 * p
        for a, b in product((0, 1), repeat=2)
        for f, p in _flipped(FLIP)
    }


def copied():
    """The same with the first column copied."""
    return {((a, b, a), y): p for ((a, b), y), p in xor().items()}


def chain():
    """Y -> X1 -> X2."""
    return {
        ((y ^ e, y ^ e ^ f), y): 0.5 * p * q
        for y in (0, 1)
        for e, p in _flipped(0.1)
        for f, q in _flipped(0.2)
    }


def collider():
    """Y -> X0 <- X1, of which X1 tells beyond X0 alone; and noise."""
    return {
        ((min(y + a, 1) ^ e, a, b), y): 0.125 * p
        for y, a, b in product((0, 1), repeat=3)
        for e, p in _flipped(0.1)
    }


TABLES = {table.__name__: table() for table in (xor, copied, chain, collider)}


def information(joint, columns):
    """I(X_S; Y) in nats, by enumeration."""
    table = {}
    for (x, y), p in joint.items():
        key = tuple(x[j] for j in columns), y
        table[key] = table.get(key, 0.0) + p
    frame = pd.Series(table).unstack(fill_value=0.0).to_numpy()
    product_ = frame.sum(axis=1, keepdims=True) * frame.sum(axis=0)
    seen = frame > 0
    return float((frame[seen] * np.log(frame[seen] / product_[seen])).sum())


def draw(joint, n_rows, seed=0):
    """Rows (n, d) and labels."""
    cells, p = list(joint), np.array(list(joint.values()))
    chosen = np.random.default_rng(seed).choice(len(cells), n_rows, p=p / p.sum())
    return np.array([cells[c][0] for c in chosen]), np.array([cells[c][1] for c in chosen])
