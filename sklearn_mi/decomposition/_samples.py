"""Rows that have the labels that are asked for."""

import numpy as np

AT_ONCE, MOST_ROWS = 4096, 2**20


def codes_of_labels(y, n_samples, classes):
    """Labels that are asked for as numbers of classes, (n_samples,).

    Raises
    ------
    ValueError
        If there are none to ask for, or one is not known.
    """
    if classes is None:
        raise ValueError(
            f"y={y!r} asks for labels, but this autoencoder was fitted without classes. Fit it "
            "with a y of classes, or sample without y."
        )
    wanted = np.asarray(y)
    wanted = np.full(n_samples, y, dtype=classes.dtype) if wanted.ndim == 0 else wanted
    if wanted.shape != (n_samples,):
        raise ValueError(
            f"y has shape {wanted.shape}, but n_samples={n_samples} rows are asked for. Pass one "
            "label for each, or a single one for all."
        )
    unknown = ~np.isin(wanted, classes)
    if unknown.any():
        raise ValueError(
            f"y has the label {wanted[unknown].tolist()[0]!r}, which the fit had not. Its labels "
            f"are {', '.join(map(str, classes[:10]))}."
        )
    return np.searchsorted(classes, wanted)


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
