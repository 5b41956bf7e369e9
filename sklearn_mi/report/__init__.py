"""Reports on a table and its label: as text, frame, dict or picture."""

from ._make import make_report
from ._report import Report

__all__ = ["Report", "make_report"]
