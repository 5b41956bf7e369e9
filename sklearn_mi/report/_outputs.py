"""Where the command line writes to: checked before the training rather than after it."""

import os
from pathlib import Path

from ._files import UserError
from ._plot import supported_suffixes


def check_plot(path):
    """Whether a picture can be saved there."""
    try:
        suffixes = supported_suffixes()
    except ImportError as error:
        raise UserError(error) from error
    if Path(path).suffix.lower().lstrip(".") not in suffixes:
        raise UserError(f"--plot {path}: expected a name that ends in .png, .pdf or .svg.")
    _check_place(path, "--plot")


def check_page(path, table):
    """Whether a page and its labels can be saved there, and not over the table."""
    if Path(path).suffix.lower() not in (".html", ".htm"):
        raise UserError(f"--html {path}: expected a name that ends in .html.")
    labels = labels_beside(path)
    for place in (path, labels):
        _check_place(place, "--html")
    if table and labels.resolve() == Path(table).resolve():
        raise UserError(
            f"--html {path}: the labels to doubt would be written over the table {table}; choose "
            "another name."
        )


def write_page(report, path, note):
    """The page of a report with details, and the labels to doubt beside it."""
    report.to_html(path)
    note(f"page: {path}")
    labels = labels_beside(path)
    report.details.labels.to_csv(labels, index=False)
    note(f"labels to doubt: {labels}")


def labels_beside(path):
    """The CSV of the labels to doubt, beside a page."""
    return Path(path).with_name(f"{Path(path).stem}_labels.csv")


def _check_place(path, option):
    file, folder = Path(path), Path(path).resolve().parent
    if not folder.is_dir():
        raise UserError(f"{option} {path}: there is no directory {file.parent}; create it.")
    if file.is_dir():
        raise UserError(f"{option} {path}: this is a directory; expected the name of a file.")
    if not os.access(file if file.exists() else folder, os.W_OK):
        raise UserError(f"{option} {path}: this cannot be written; choose another directory.")
