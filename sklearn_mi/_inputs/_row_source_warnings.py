"""What files hold and a fit to them does not make use of, told in warnings."""

from ..exceptions import ColumnWarning, warn
from ._text_columns import read_texts

UNNAMED = "__index_level_"  # as pandas stores an index without a name


def warn_of_index(names, known):
    """Warn of columns that pandas stored as an index with a name, which are not among the known."""
    lost = [name for name in names if name not in known and not name.startswith(UNNAMED)]
    if lost:
        said = ", ".join(map(repr, lost))
        warn(
            f"{said} in X was written as the index of a DataFrame, not as a column, and is left "
            "out. If it is to be used, write X with frame.reset_index().to_parquet(...); if not, "
            "frame.reset_index(drop=True) spares you this warning.",
            ColumnWarning,
        )


def warn_of_texts(cells, texts):
    """Warn of columns of text that spell numbers, dates or durations, and are taken as levels.

    Parameters
    ----------
    cells : DataFrame
        Of a sample.
    texts : list of str
        Columns that were written as text, not as categories.
    """
    for name in texts:
        there = [cell for cell in cells[name] if isinstance(cell, str)]
        reading = read_texts(there)
        if not reading.finding:
            continue
        kind = f"{reading.other if reading.kind == 'category' else reading.kind}s"
        kind = "numbers" if kind in ("markeds", "intervals") else kind
        shown = next(cell for cell in there if cell.strip())
        warn(
            f"Column {name!r} is text in the file, and {len(set(there))} different cells of a "
            f"sample, such as {shown!r}, are levels, though they look like {kind}. For {kind} "
            "convert the column when you write the file; for levels, without this warning, write "
            f"it as frame[{name!r}].astype('category').",
            ColumnWarning,
        )
