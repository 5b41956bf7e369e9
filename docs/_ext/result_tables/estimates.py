"""The estimate against known truths and fresh rows, and its interval."""

from ._read import cut


def truth():
    number = r"([-+\d.]+)"
    pattern = rf"^(.{{28}}) +(\d+) +{number} +{number} +{number} +{number} +(\S+ to \S+)"
    rows = cut("validity_truth.txt", pattern)
    head = ["data", "rows", "truth", "estimate", "s.e.", "error", "errors of three seeds"]
    return head, [[row[0].strip(), *row[1:]] for row in rows]


def coverage():
    pattern = (
        r"^(.*): truth ([\d.]+), (\d+) replications\n.*above the truth +([\d.]+).*\n"
        r".*above the truth +([\d.]+).*\n +estimate (\S+), bias \S+, s.d. (\S+), mean .* (\S+)\n"
        r".*fresh rows (\S+); estimate minus certified (\S+) \+- (\S+)"
    )
    head = ["data", "truth", "95 % limit too high", "97.5 % limit too high", "estimate"]
    head += ["s.d.", "mean standard error", "certified on fresh rows", "estimate less certified"]
    rows = cut("validity_coverage.txt", pattern)
    return head, [[*row[:2], *row[3:9], f"{row[9]} ± {row[10]}"] for row in rows]


def false_alarms():
    rows = cut("false_alarms.txt", r"^(\w+) +(\d+) +(\S+ \+- \S+) +(\S+) +(\S+) +\w+ +\d+$")
    rows = [[f"`{row[0]}`", row[1], row[2].replace("+-", "±"), *row[3:]] for row in rows]
    return ["loss", "classes", "estimate", "share of false alarms", "allowed"], rows


def clean_coverage():
    """Share of replications that intervals cover, for a given noise matrix and with its error."""
    rows = cut("clean_coverage.txt", r"^ *(\d+) +(\d+) (\S+)((?: +[-\d.]+){11})")
    shown = []
    for classes, n, noise, text in rows:
        certifies, score, *before, low, high, lower, both, warned = text.split()
        covers = [before[3], f"{low} to {high}", lower, both, warned]
        shown.append([classes, n, noise, certifies, score, *covers])
    head = ["classes", "rows", "noise", "certifies", "score", "covered by rows alone", "interval"]
    return [*head, "low end holds", "covered", "warned"], shown


def fresh():
    """What was claimed and what fresh rows gave, before and after encoders of each fold."""
    cell = r" +(\S+)"
    rows = cut("validity_fresh.txt", rf"^(\w+){cell * 6} +(\d+/\d+){cell}$")
    head = ["table", "before: claimed", "fresh", "too high", "after: claimed", "fresh", "too high"]
    return head, [[*row[:4], *row[5:8]] for row in rows]
