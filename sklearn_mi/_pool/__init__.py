"""Opinions of several classifiers on held-out rows to one calibrated posterior, cross-fitted."""
