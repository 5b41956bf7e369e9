"""Rows that have the labels that are asked for."""

import numpy as np

AT_ONCE, MOST_ROWS = 4096, 2**20


def draw_of_labels(wanted, draw, cells):
    """Draw rows until each label has enough: what a model says of rows with this label.

    Parameters
    ----------
    wanted : int ndarray of shape (n,)
    draw : callable
        Gives numbers (m, J) and levels (m, C) of m rows.
    cells : RowCells

    Returns
    -------
    numbers, levels : ndarrays of shape (n, J) and (n, C)

    Raises
    ------
    ValueError
        If a label does not come up often enough.
    """
    missing, parts, n_drawn = np.bincount(wanted), {}, 0
    kept = [[] for _ in missing]
    while (missing > 0).any():
        if n_drawn >= MOST_ROWS:
            raise ValueError(
                f"Among {n_drawn:,} rows that were drawn, class number {missing.argmax()} came up "
                "too rarely. Ask for fewer rows, or fit on more rows of this class."
            )
        parts = draw(AT_ONCE)
        n_drawn += AT_ONCE
        label = cells.label_of(*parts)
        for k in np.flatnonzero(missing > 0):
            rows = np.flatnonzero(label == k)[: missing[k]]
            kept[k].append([own[rows] for own in parts])
            missing[k] -= len(rows)
    out = [np.empty((len(wanted), own.shape[1]), own.dtype) for own in parts]
    for k, own in enumerate(kept):
        for to, some in zip(out, zip(*own, strict=True), strict=False):
            to[wanted == k] = np.concatenate(some)
    return tuple(out)
