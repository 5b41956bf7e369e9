"""What a cluster is to send to its workers once, and not with every task."""

import numpy as np


class SentOnce:
    """Says how large its arrays are, which is what dask goes by; it would not look inside."""

    def __sizeof__(self):
        return object.__sizeof__(self) + sum(map(_n_bytes, vars(self).values()))


def _n_bytes(value):
    if isinstance(value, list):
        return sum(map(_n_bytes, value))
    return value.nbytes if isinstance(value, np.ndarray) else 0
