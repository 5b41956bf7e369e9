"""The rows of an autoencoder's fit as its networks see them, and as they are to restore them."""

from .. import _recipe as recipe
from ._cell_bins import CellBins
from ._cell_encoding import CellEncoding
from ._row_cells import RowCells


class AutoencoderRows:
    """Rows that are read, and what each network has learnt of its training rows.

    Parameters
    ----------
    clf : MutualInfoClassifier
        With the parameters of networks and training.
    table : DataFrame or ndarray
    task : AutoencoderTask
    n_bins, seed : int

    Attributes
    ----------
    encoder : TableEncoder or ImageEncoder
    cells : RowCells
    read : ndarray
        As the encoder reads them.
    joined : ndarray
        The same with labels.
    bins : CellBins
    encoding : CellEncoding
    """

    def __init__(self, clf, table, task, n_bins, seed):
        members = task.members
        self.encoder = recipe.make_encoder(clf, table, seed)
        self.encoder.fit(table, members.train_rows)
        self.read = self.encoder.read(table, check=False)
        self.cells = RowCells(self.encoder, task.target)
        self.joined = self.cells.join(self.read, task.label)
        places = self.cells.places(self.encoder, task.target, members.n_members)
        values = self.cells.split(self.joined)
        self.bins = CellBins.fit(*values, places, members.train_rows, n_bins)
        self.encoding = cell_encoding(self.encoder, self.cells, self.bins)


def cell_encoding(encoder, cells, bins, members=None):
    """Rows as the networks of some members, a slice, see them."""
    own = encoder.encoding if members is None else encoder.encoding.of_members(members)
    return CellEncoding(own, bins, cells.numbers, cells.levels, cells.n_read, cells.image_shape)
