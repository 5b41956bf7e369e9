"""What many splits say together: limits that did not hold, gaps, refusals, by table."""

import numpy as np

FALSE_LIMITS = 0.05
EXPLAINED = (-0.02, 0.005)  # nats, claimed less fresh: a fold trains on four fifths of the rows
TOLD = "stand in the training rows"  # in a warning: no estimate without groups can mend that
FOUND = ("claimed", "error", "low", "entropy", "fresh", "fresh_error", "accuracy", "guess",
         "gain", "gain_error")  # fmt: skip
HEAD = (
    f"{'table':18} {'n':>3} {'claimed':>8} {'limit':>8} {'fresh':>8} {'difference':>17} "
    f"{'false':>6} {'told':>4} {'accuracy':>8} {'guess':>6} {'by errors':>9}"
)


def key(line):
    return line["table"], line["seed"], line["estimators"]


def is_false(line):
    """Whether the limit is above what fresh rows say, by more than the error of that."""
    return line["low"] - line["fresh_error"] > line["fresh"]


def was_told(line):
    return any(TOLD in text for text in line["warned"])


def of_table(lines):
    """Means over the splits of one table; errors as if these were independent."""
    values = {name: np.array([line[name] for line in lines], float) for name in FOUND}
    mean = {name: each.mean() for name, each in values.items()}
    n = len(lines)
    squares = values["error"] ** 2 + values["fresh_error"] ** 2
    gain_error = np.sqrt((values["gain_error"] ** 2).sum()) / n
    return mean | {
        "n": n,
        "difference": mean["claimed"] - mean["fresh"],
        "difference_error": np.sqrt(squares.sum()) / n,
        "false": sum(map(is_false, lines)),
        "told": sum(is_false(line) and was_told(line) for line in lines),
        "always_told": all(map(was_told, lines)),
        "gain_in_errors": mean["gain"] / gain_error if gain_error else np.sign(mean["gain"]),
    }


def by_table(lines):
    """Summaries of the tables of which a split succeeded, in the order of the lines."""
    tables = {}
    for line in lines:
        if "failed" not in line:
            tables.setdefault(line["table"], []).append(line)
    return {name: of_table(own) for name, own in tables.items()}


def verdicts(tables, failed):
    """The three promises, over all tables: name, whether it is kept, and in words."""
    n = sum(table["n"] for table in tables.values())
    false = sum(table["false"] for table in tables.values())
    told = sum(table["told"] for table in tables.values())
    share = (false - told) / n
    yield (
        "limits",
        share <= FALSE_LIMITS,
        f"95 % limits above fresh rows: {false} of {n}, {told} of them told of repeated rows; "
        f"the others {share:.3f}, allowed {FALSE_LIMITS}",
    )
    silent = [table for table in tables.values() if not table["always_told"]] or [*tables.values()]
    differences = np.array([table["difference"] for table in silent])
    errors = np.array([table["difference_error"] for table in silent])
    mean, error = differences.mean(), np.sqrt((errors**2).sum()) / len(errors)
    low, high = EXPLAINED
    yield (
        "bias",
        low - error <= mean <= high + error,
        f"claimed less fresh: {mean:+.4f} +- {error:.4f} nats, mean of {len(silent)} tables; "
        f"smaller training sets explain {low} to {high:+}",
    )
    worse = {name: t["gain_in_errors"] for name, t in tables.items() if t["gain_in_errors"] < -1}
    named = ", ".join(f"{name} ({gain:.1f})" for name, gain in worse.items()) or "none"
    yield "accuracy", not worse, f"worse than guessing by more than its error: {named}"
    yield "failures", not failed, f"splits without an answer: {failed}"


def report(lines):
    """One line per table, and the verdicts."""
    tables = by_table(lines)
    rows = [HEAD, *(table_line(name, table) for name, table in tables.items())]
    if tables:
        rows += ["", *(_said(*each) for each in verdicts(tables, n_failed(lines)))]
    return "\n".join([*rows, *failures(lines)])


def table_line(name, t):
    return (
        f"{name:18} {t['n']:3} {t['claimed']:8.4f} {t['low']:8.4f} {t['fresh']:8.4f} "
        f"{t['difference']:+8.4f} +-{t['difference_error']:.4f} {t['false']:3}/{t['n']:<2} "
        f"{t['told']:4} {t['accuracy']:8.4f} {t['guess']:6.4f} {t['gain_in_errors']:+9.1f}"
    )


def _said(_, kept, text):
    return f"{'yes' if kept else 'NO':3}  {text}"


def n_failed(lines):
    return sum("failed" in line for line in lines)


def failures(lines):
    """What was refused, each table with its first error."""
    first = {}
    for line in lines:
        if "failed" in line:
            first.setdefault(line["table"], line["failed"])
    return [f"     failed: {name}: {error}" for name, error in first.items()]


def side_by_side(before, after):
    """Two runs, table by table, and the verdicts on each."""
    old, new = by_table(before), by_table(after)
    lines = [f"{'':18} {'before':^36}    {'after':^36}"]
    lines.append(
        f"{'table':18}" + 2 * f" {'claimed':>8} {'fresh':>8} {'false':>6} {'errors':>7}    "
    )
    for name in old | new:
        lines.append(f"{name:18}" + "    ".join(_brief(run.get(name)) for run in (old, new)))
    for title, tables, run in [("before", old, before), ("after", new, after)]:
        lines += ["", title, *(_said(*each) for each in verdicts(tables, n_failed(run)))]
        lines += failures(run)
    return "\n".join(line.rstrip() for line in lines)


def _brief(t):
    if t is None:
        return f" {'-':>8} {'-':>8} {'-':>6} {'-':>7}"
    return (
        f" {t['claimed']:8.4f} {t['fresh']:8.4f} {t['false']:3}/{t['n']:<2} "
        f"{t['gain_in_errors']:+7.1f}"
    )
