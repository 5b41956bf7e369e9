"""Where numbers and categories stand among the cells of a row, of which the last may be a label."""

import numpy as np


class RowCells:
    """The cells of a row: those that an encoder reads, and a label that it does not see.

    Parameters
    ----------
    encoder : TableEncoder or ImageEncoder
    target : Target or None
        What the label is.

    Attributes
    ----------
    n_read : int
    numbers, levels : int ndarrays
        Where numbers and categories stand.
    order : int ndarray of shape (n_cells,)
        The same of all cells, numbers first.
    """

    def __init__(self, encoder, target):
        self.image_shape = getattr(encoder, "image_shape_", None)
        if self.image_shape is None:
            self.n_read, n_numbers = len(encoder.columns_), encoder.n_numbers_
        else:
            self.n_read = n_numbers = int(np.prod(self.image_shape))
        numbers, levels = np.split(np.arange(self.n_read), [n_numbers])
        self.label = None if target is None else "number" if target.classes is None else "level"
        own = [self.n_read]
        self.numbers = np.r_[numbers, own if self.label == "number" else []].astype(int)
        self.levels = np.r_[levels, own if self.label == "level" else []].astype(int)
        self.order = np.r_[self.numbers, self.levels]

    def join(self, rows, label=None):
        """Rows as the encoder reads them with a label (n,), missing if it is not given."""
        if self.label is None:
            return rows
        if label is None:
            label = np.full(len(rows), np.nan if self.label == "number" else 0.0)
        label = label.astype(rows.dtype)
        if self.image_shape is None:
            return np.column_stack([rows, label])
        plane = np.broadcast_to(label[:, None, None, None], (len(rows), 1, *rows.shape[2:]))
        return np.concatenate([rows, plane], axis=1)

    def split(self, cells):
        """Numbers (n, J) and levels (n, C) of joined cells."""
        if self.image_shape is not None:
            n = self.image_shape[0]
            cells = np.column_stack([cells[:, :n].reshape(len(cells), -1), cells[:, n:, 0, 0]])
        return cells[:, self.numbers].astype(float), cells[:, self.levels].astype(int)

    def places(self, encoder, target, n_members):
        """The places of levels, as `CellBins` has them."""
        places = list(getattr(encoder, "places_", []))
        if self.label == "level":
            own = np.r_[np.arange(target.n_classes), 0]
            places.append(np.tile(own, (n_members, 1)))
        return places

    def seen(self, encoder):
        """The cell that each column of what networks see comes from."""
        if self.image_shape is not None:
            return np.arange(self.n_read)
        widths = [own.max() + 1 for own in encoder.places_]
        levels = np.repeat(np.arange(len(widths)) + encoder.n_numbers_, widths)
        seen = np.r_[encoder.scaled_, encoder.flagged_, levels].astype(int)
        return seen if len(seen) else np.array([0])

    def label_of(self, numbers, levels):
        """The label among the cells of rows, (n,); None where there is none."""
        if self.label is None:
            return None
        return (numbers if self.label == "number" else levels)[:, -1]

    def without_label(self, numbers, levels):
        """The cells that are not the label."""
        if self.label == "number":
            return numbers[:, :-1], levels
        return numbers, levels[:, :-1] if self.label == "level" else levels
