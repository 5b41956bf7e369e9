"""Reports on a table and its label: as text, dict, frame or picture."""

from ._report import Report, make_report

__all__ = ["Report", "make_report"]
