"""The command line: ``python -m sklearn_mi report table.csv --target income``."""

import argparse
import json
import os
import shlex
import sys
import warnings
from contextlib import contextmanager
from dataclasses import replace

from ._version import __version__

# What needs torch, or is slow to import, is imported inside the functions.

EXAMPLE_TARGET = "diagnosis"


def main(argv=None):
    """Run the command line.

    Parameters
    ----------
    argv : list of str, default=None
        The arguments, by default those of the process.

    Returns
    -------
    status : int
        0, or 2 where the arguments or the table cannot be used, 130 after an interrupt, 141 where
        nobody reads stdout any more.
    """
    arguments = _parser().parse_args(argv)
    arguments.command = shlex.join(["sklearn-mi", *(sys.argv[1:] if argv is None else argv)])
    from ._engine._interrupts import raised_interrupts
    from .report._files import UserError

    try:
        with raised_interrupts():
            return _report(arguments)
    except UserError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # who reads the report has had enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what Python flushes
        return 141


def _parser():
    parser = argparse.ArgumentParser(
        prog="sklearn-mi", description="Mutual information between the columns of a table."
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(required=True, metavar="command")
    report = commands.add_parser(
        "report",
        help="how much the columns of a table tell about one of them",
        description="Estimate how much the columns of a table tell about its target column, "
        "together and one by one. The report goes to stdout, progress to stderr.",
    )
    add = report.add_argument
    add(
        "table",
        nargs="?",
        help=".csv, .csv.gz, .parquet or a folder of Parquet files; of more than a million rows of "
        "Parquet a random sample of 100,000 is reported; without it the breast cancer table of "
        "scikit-learn",
    )
    add("--target", metavar="NAME", help="the column that the others should tell about")
    add(
        "--sep",
        default=",",
        metavar="CHARACTER",
        help='what separates the cells of a CSV, "\\t" for tabs (default: %(default)s)',
    )
    add("--decimal", default=".", choices=[".", ","], help="decimal point of a CSV")
    add(
        "--thousands",
        choices=[",", ".", "'", " "],
        metavar="CHARACTER",
        help="what parts groups of three digits in a CSV, such as the comma of 1,234,567",
    )
    add(
        "--encoding",
        default="utf-8",
        metavar="NAME",
        help="of a CSV, such as utf-16 or cp1252 (default: %(default)s)",
    )
    add("--numbers", metavar="A,B", help="columns of numbers, in which other cells are missing")
    add("--categories", metavar="A,B", help="columns of levels, also where they look like numbers")
    add(
        "--dates",
        action="append",
        metavar="NAME=FORMAT",
        help="a column of dates, such as day=%%d/%%m/%%Y; may be passed several times",
    )
    add(
        "--losses",
        default="ce,pc_softmax",
        metavar="A,B",
        help="losses to train with, separated by commas (default: %(default)s)",
    )
    add("--json", action="store_true", help="print JSON instead of text")
    add("--plot", metavar="FILE", help="draw the report: .png, .pdf or .svg")
    add(
        "--html",
        metavar="FILE",
        help="write the report as a page, with what columns tell beyond the others, pairs, classes "
        "and labels to doubt, and these labels beside it as FILE_labels.csv; takes some minutes",
    )
    add("--cv", type=_folds, default="auto", metavar="N", help="folds (default: %(default)s)")
    add("--random-state", type=int, default=0, metavar="SEED", help="default: %(default)s")
    add("--max-rows", type=int, metavar="N", help="use a stratified sample of N rows")
    add("--quiet", action="store_true", help="no progress and no notes on stderr; JSON has them")
    return parser


def _folds(text):
    return text if text == "auto" else int(text)


def _report(arguments):
    from .report._files import load_example, split_target, stratified_sample
    from .report._many_rows import ROW
    from .report._outputs import check_page, check_plot, write_page

    note = _Notes(arguments.quiet)
    _check_options(arguments)
    losses = _losses(arguments.losses)
    if arguments.plot:
        check_plot(arguments.plot)
    if arguments.html:
        check_page(arguments.html, arguments.table)
    if arguments.table:
        frame, default = _read_table(arguments, note), None
    else:
        frame, default = load_example(EXAMPLE_TARGET), EXAMPLE_TARGET
    if frame.index.name != ROW:
        frame.index = range(1, len(frame) + 1)  # so that rows can be found in the file
    X, y = split_target(frame, arguments.target or default, note)
    n_rows_left_out = len(frame) - len(y)
    if arguments.max_rows:
        X, y = stratified_sample(X, y, arguments.max_rows, arguments.random_state, note)
    with _warnings_as(note):
        report = _make_report(X, y, losses, arguments)
    report = replace(report, notes=tuple(note.said), n_rows_left_out=n_rows_left_out)
    if report.details:
        made = report.details.made | {"command": arguments.command}
        report = replace(report, details=replace(report.details, made=made))
    _print_report(report, arguments.json)
    if arguments.plot:
        report.plot(arguments.plot)
        note(f"plot: {arguments.plot}")
    if arguments.html:
        write_page(report, arguments.html, note)
    return 0


def _read_table(arguments, note):
    from .report._files import force, read_table

    how = arguments.sep, arguments.decimal, arguments.encoding, note, arguments.random_state
    frame = read_table(arguments.table, *how, thousands=arguments.thousands)
    return force(
        frame,
        note,
        numbers=arguments.numbers,
        categories=arguments.categories,
        dates=arguments.dates,
    )


def _make_report(X, y, losses, arguments):
    from .report._files import check_classes, check_columns

    check_classes(y, arguments.cv)
    check_columns(X)
    from .report import make_report
    from .report._progress import Progress

    return make_report(
        X,
        y,
        losses=losses,
        cv=arguments.cv,
        random_state=arguments.random_state,
        callbacks=None if arguments.quiet else [Progress()],
        details=bool(arguments.html),
    )


def _print_report(report, as_json):
    """On stdout; characters that its encoding lacks are escaped rather than lose the report."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    text = report.to_json() if as_json else report.to_text()
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        if as_json:  # which knows escapes of its own only
            text = json.dumps(json.loads(text), indent=2)
        text = text.encode(encoding, "backslashreplace").decode(encoding)
    print(text, flush=True)


def _losses(text):
    from .losses import LOSSES
    from .report._files import UserError

    losses = list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    unknown = [name for name in losses if name not in LOSSES]
    if unknown or not losses:
        what = f"unknown loss {unknown[0]!r}" if unknown else f"--losses {text!r} names no loss"
        raise UserError(f"{what}; known are {', '.join(LOSSES)}.")
    return losses


def _check_options(arguments):
    from .report._files import UserError, dates_of

    if arguments.thousands == arguments.decimal:
        raise UserError(
            f"--thousands and --decimal are both {arguments.decimal!r}; expected two characters."
        )
    dates_of(arguments.dates)
    if arguments.cv != "auto" and arguments.cv < 2:
        raise UserError(f"--cv {arguments.cv}: at least 2 folds are needed.")
    if arguments.max_rows is not None and arguments.max_rows < 1:
        raise UserError(f"--max-rows {arguments.max_rows}: expected a positive number.")
    if not 0 <= arguments.random_state < 2**32:
        raise UserError(f"--random-state {arguments.random_state}: expected 0 to 2**32 - 1.")


class _Notes:
    """What the user is to know, said once: on stderr, unless `quiet`, and kept for JSON."""

    def __init__(self, quiet):
        self.quiet, self.said = quiet, []

    def __call__(self, text):
        text = " ".join(str(text).split())
        if text not in self.said and not self._has_told(text):
            self.said.append(text)
            if not self.quiet:
                print(text, file=sys.stderr)

    def _has_told(self, text):
        """Whether a column is said to be left out of which a note of its cells has said so."""
        column = text.partition(" has ")[0].replace("Column", "column", 1)
        told = any(each.startswith(f"{column}: ") and ": left out, " in each for each in self.said)
        return ": left out, " in text and told


@contextmanager
def _warnings_as(note):
    """Warnings for users become notes; those for developers stay what they are."""
    with warnings.catch_warnings():
        warnings.simplefilter("default", UserWarning)
        show = warnings.showwarning

        def showwarning(message, category, *args, **kwargs):
            if issubclass(category, (UserWarning, RuntimeWarning)):
                note(message)
            else:
                show(message, category, *args, **kwargs)

        warnings.showwarning = showwarning
        yield


if __name__ == "__main__":
    sys.exit(main())
