"""The sections of a page, in their order; those that a report has nothing for are left out."""

from ._page_classes import classes_section, labels_section
from ._page_columns import columns_section, pairs_section
from ._page_curve import curve_section
from ._page_parts import count, paragraph, text

SECTIONS = [
    ("columns", "What each column tells", columns_section),
    ("pairs", "Pairs of columns", pairs_section),
    ("classes", "The classes", classes_section),
    ("curve", "Would more rows tell more?", curve_section),
    ("labels", "Labels to doubt", labels_section),
]


def sections_of(report, told):
    """The name, title and HTML of each section.

    Parameters
    ----------
    report : Report
    told : dict
        As of `to_dict`, from which all figures are.
    """
    writers = [
        *SECTIONS,
        ("notes", "Notes on the table", _notes),
        ("made", "How it was made", _made),
    ]
    written = [(key, title, write(report, told)) for key, title, write in writers]
    return [section for section in written if section[2]]


def _notes(report, told):
    notes = [text(note) for note in told["notes"]]
    details = told["details"]
    if details and (repeated := details["n_repeated_rows"]):
        rows = "row equals" if repeated == 1 else "rows equal"
        notes.insert(0, f"{count(repeated)} {rows} one before in every column.")
        if contradicting := details["n_contradicting_rows"]:
            notes[0] += f" {count(contradicting)} rows have one like them with another label."
    elif details:
        notes.insert(0, "No two rows are equal in every column.")
    return notes and f'<ul class="notes">{"".join(f"<li>{note}</li>" for note in notes)}</ul>'


def _made(report, told):
    made = (told["details"] or {}).get("made", {})
    terms = {key: value for key, value in made.items() if key != "versions"}
    terms |= made.get("versions", {})
    items = "".join(_term(key, value) for key, value in terms.items())
    about = paragraph(
        "A neural classifier, with trees and a linear model beside it, is trained on some rows and "
        "scores others. The mean of log q(y|x) − log p(y) over the rows that it did not see is a "
        "lower bound of the mutual information in expectation. Values are in nats; one nat is "
        "1.44 bits."
    )
    return about + (f'<dl class="made">{items}</dl>' if items else "")


def _term(key, value):
    term = f"<dt>{text(key.replace('_', ' '))}</dt><dd><code>{text(value)}</code></dd>"
    return f'<div class="of-{text(key)}">{term}</div>'
