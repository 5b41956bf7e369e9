"""A small stored classifier of the present format, and what it says.

    python tests/classifier/stored_format.py

writes `stored/format_N.skops` and, as `format_N.npz`, its answers. To be run with every new format;
files of former ones stay, for they are to be read for ever.
"""

import zipfile
from pathlib import Path

import numpy as np
from stored_fits import fit, make_table

from sklearn_mi._engine._state import FORMAT


def read_answers(clf, X):
    """What a classifier says of rows, and of its fit."""
    return {
        "proba": clf.predict_proba(X),
        "pointwise": clf.pointwise_mutual_info(X),
        "interval": np.array(clf.mutual_info_interval()),
        "oof": clf.oof_log_proba_,
        "noise": clf.noise_matrix_,
        "losses": np.array(clf.loss_curve_),
    }


def main():
    import skops.io

    X, y = make_table()
    clf = fit(X, y, loss="forward", hidden_layer_sizes=(3,), cv=2)
    path = Path(__file__).parent / "stored" / f"format_{FORMAT}.skops"
    path.parent.mkdir(exist_ok=True)
    skops.io.dump(clf, path, compression=zipfile.ZIP_DEFLATED, compresslevel=9)
    np.savez_compressed(path.with_suffix(".npz"), **read_answers(clf, X))


if __name__ == "__main__":
    main()
