"""Do the losses for wrong labels learn from them? Accuracy on clean labels after noisy training.

    python benchmarks/label_noise.py sketch --out lines.jsonl     # digits and made data
    python benchmarks/label_noise.py tables --folder DIR --drop split --out lines.jsonl
    python benchmarks/label_noise.py fashion fashion_mnist.npz --rows 16000 --out lines.jsonl
    python benchmarks/label_noise.py reviews mr.csv.gz --out lines.jsonl
    python benchmarks/label_noise.py hundred --out lines.jsonl    # a hundred classes
    python benchmarks/label_noise.py choose --folder DIR --drop split --out lines.jsonl
    python benchmarks/label_noise.py table lines.jsonl

asym r: of the sorted classes 0, 2, 4, ... become their successor with probability r; sym r: each
becomes any other, with probability r in all. case 1 to 3, of two classes: a share r/2 of both, r of
the first, r of the second is flipped. Test rows, 30 % unless said otherwise, have true labels. The
seed draws split, noise and networks. Defaults throughout, unless said otherwise.

sketch: "wanted" is what dmi reached in an earlier sketch, a plain network, "by" the difference to
it. tables: those with at least 600 rows and a majority of at most .75 once classes under 30
rows are dropped, sampled down to 4,000 rows. fashion: an archive of X_train, y_train, X_test,
y_test; label 8 against the rest, tested on X_test, on 50 principal components, with one hold-out.
reviews: columns text and label; a quarter tests; 300 components of words and pairs of words, with
one hold-out.
hundred: Gaussians of which the best classifier recognises .86. choose: rank correlation of what is
seen on noisy validation rows with accuracy on clean ones, over a dozen classifiers, and the
accuracy lost by choosing the best by it; "det. with its own" is against the clean determinant.

--rows takes fewer rows, --sets and --noises only some tasks. Results are appended to the file, and
those that it holds are not computed again, but for failures. Matrix error: mean absolute error of
the estimated noise matrix. Seconds: a fit on one thread.
"""

import argparse
import json
import warnings
from pathlib import Path

import _noisy_choice
import _noisy_tasks
import numpy as np
from _comparison import standard_error
from _machine import describe
from threadpoolctl import threadpool_limits
from tightness import numbers, words

from sklearn_mi.losses import LOSSES

TASKS = {
    "sketch": _noisy_tasks.sketch,
    "tables": _noisy_tasks.tables,
    "fashion": _noisy_tasks.fashion,
    "reviews": _noisy_tasks.reviews,
    "hundred": _noisy_tasks.hundred,
    "choose": _noisy_choice.tasks,
}
KEY = ["command", "data", "noise", "model", "seed"]


# --- measuring ------------------------------------------------------------------------------------


def measure(task, model, seed):
    """The figures of one fit, or why there are none, and what was warned of."""
    with warnings.catch_warnings(record=True) as caught, threadpool_limits(1):
        warnings.simplefilter("always")
        try:
            row = rounded(task.measure(model, seed))
        except Exception as error:  # one failure must not end the night's run
            row = {"error": repr(error)[:200]}
    said = sorted({f"{each.category.__name__}: {each.message}"[:100] for each in caught})
    return row | ({"warnings": said} if said else {})


def rounded(row):
    """Five digits of every number."""
    if isinstance(row, dict):
        return {name: rounded(value) for name, value in row.items()}
    return float(f"{row:.5g}") if isinstance(row, float) else row


def run(args):
    """A line of JSON per task, model and seed; prints the table of what was asked for."""
    check_losses(args.losses)
    rows = read(args.out)
    done = {tuple(row[name] for name in KEY) for row in rows if "error" not in row}
    fits = list(wanted(args))
    for key, task in fits:
        if key not in done:
            rows.append(dict(zip(KEY, key, strict=True)) | measure(task, key[3], key[4]))
            write(args.out, rows[-1])
    keys = {key for key, _ in fits}
    print(describe())
    print(show([row for row in rows if tuple(row[name] for name in KEY) in keys]))


def wanted(args):
    """Key and task of every fit that was asked for."""
    found = list(TASKS[args.command](args))
    check_known("--sets", args.sets, {task.data for task in found})
    check_known("--noises", args.noises, {task.noise.name for task in found})
    for task in found:
        asked = task.data in (args.sets or [task.data])
        if asked and task.noise.name in (args.noises or [task.noise.name]):
            for seed in args.seeds:
                for model in task.models(args.losses):
                    yield (args.command, task.data, task.noise.name, model, seed), task


def check_losses(losses):
    if unknown := [loss for loss in losses if loss not in LOSSES]:
        raise SystemExit(
            f"unknown loss {', '.join(map(repr, unknown))}; the installed sklearn_mi knows "
            f"{', '.join(LOSSES)}. Choose among them with --losses."
        )


def check_known(option, asked, known):
    if unknown := set(asked or known) - known:
        raise SystemExit(f"{option}: no {sorted(unknown)} among {', '.join(sorted(known))}")


def read(path):
    """The rows of a file that may not be there yet."""
    if path is None or not Path(path).exists():
        return []
    return [json.loads(line) for line in Path(path).read_text().splitlines() if line.strip()]


def write(path, row):
    if path is not None:
        with open(path, "a") as file:
            file.write(json.dumps(row) + "\n")


# --- text -----------------------------------------------------------------------------------------


def table(args):
    print(describe())
    print(show([row for path in args.files for row in read(path)]))


def show(rows):
    """A block for each subcommand, from the last row of each key that succeeded."""
    last = {tuple(row[name] for name in KEY): row for row in rows if "error" not in row}
    blocks = []
    for command in TASKS:
        found = [row for row in last.values() if row["command"] == command]
        if found:
            text = _noisy_choice.table(found) if command == "choose" else accuracy_table(found)
            blocks.append(f"--- {command}\n{text}")
        if command == "tables" and (text := against_ce(found)):
            blocks.append(text)
    blocks += [failures(rows, last), warned(last.values())]
    return "\n\n".join(block for block in blocks if block)


def grouped(rows, names):
    """{values of these columns: rows}."""
    found = {}
    for row in rows:
        found.setdefault(tuple(row[name] for name in names), []).append(row)
    return found


def accuracy_table(rows):
    """A line per task and loss."""
    lines = [
        f"{'data':20} {'noise':12} {'loss':8} {'accuracy':>8} {'range':>14} {'seeds':>5} "
        f"{'wanted':>6} {'by':>6} {'matrix error':>12} {'s':>6}"
    ]
    for cell, models in cells(rows).items():
        for model, found in models.items():
            lines.append(accuracy_line(*cell, model, found))
    return "\n".join(lines)


def cells(rows):
    """{(data, noise): {model: rows}}, the losses of one task together."""
    return {
        cell: {model: runs for (model,), runs in grouped(found, ["model"]).items()}
        for cell, found in grouped(rows, ["data", "noise"]).items()
    }


def accuracy_line(data, noise, loss, rows):
    accuracy, seconds = np.transpose([(row["accuracy"], row["seconds"]) for row in rows])
    error = [row["matrix_error"] for row in rows if "matrix_error" in row]
    shown = f"{np.mean(error):.3f}" if error else ""
    figure = rows[0].get("figure")
    goal = "" if figure is None else f"{figure:.3f} {accuracy.mean() - figure:+.3f}"
    return (
        f"{data:20} {noise:12} {loss:8} {accuracy.mean():8.3f} "
        f"{f'{accuracy.min():.3f}-{accuracy.max():.3f}':>14} {len(rows):5} {goal:>13} "
        f"{shown:>12} {seconds.mean():6.1f}"
    )


def against_ce(rows):
    """Each loss minus ce, paired by table, means over the seeds that both have."""
    lines = [
        f"{'loss minus ce':14} {'noise':10} {'tables':>6} {'above':>5} {'below':>5} "
        f"{'mean':>7} {'s.e.':>6} {'worst':>7} {'best':>7}"
    ]
    for (loss, noise), gaps in differences(rows).items():
        values = np.array(list(gaps.values()))
        worst = min(gaps, key=gaps.get)
        lines.append(
            f"{loss:14} {noise:10} {len(gaps):6} {(values > 0).sum():5} {(values < 0).sum():5} "
            f"{values.mean():+7.3f} {standard_error(values):6.3f} {values.min():+7.3f} "
            f"{values.max():+7.3f}  worst on {worst}"
        )
    return "\n".join(lines) if len(lines) > 1 else ""


def differences(rows):
    """{(loss, noise): {data: accuracy minus that of ce}}."""
    found = {}
    for (data, noise), models in cells(rows).items():
        seeds = {model: {row["seed"]: row["accuracy"] for row in models[model]} for model in models}
        for loss in models.keys() - {"ce"}:
            if both := seeds[loss].keys() & seeds.get("ce", {}).keys():
                gap = np.mean([seeds[loss][seed] - seeds["ce"][seed] for seed in both])
                found.setdefault((loss, noise), {})[data] = gap
    return dict(sorted(found.items()))


def failures(rows, last):
    """What failed and was not run again with success."""
    failed = {tuple(row[name] for name in KEY): row for row in rows if "error" in row}
    left = [f"  {key}: {row['error']}" for key, row in failed.items() if key not in last]
    return "\n".join(["failed:", *left]) if left else ""


def warned(rows):
    """Each warning with the number of fits that gave it."""
    said = [text for row in rows for text in row.get("warnings", [])]
    lines = [f"  {said.count(text)} x {text}" for text in dict.fromkeys(said)]
    return "\n".join(["warnings:", *lines]) if lines else ""


# --- command line ---------------------------------------------------------------------------------


def add_command(commands, name):
    command = commands.add_parser(name, help=TASKS[name].__doc__.splitlines()[0])
    command.add_argument("--losses", type=words, default=["ce", "gce", "dmi", "forward"])
    command.add_argument("--seeds", type=numbers, default=[0, 1, 2])
    command.add_argument("--out", help="file of JSON lines to append to")
    command.add_argument("--rows", type=int, help="at most so many")
    command.add_argument("--sets", type=words, help="only these data")
    command.add_argument("--noises", type=words, help="only these, such as 'asym .4'")
    if name in ("fashion", "reviews"):
        command.add_argument("file")
    if name in ("tables", "choose"):
        command.add_argument("--folder", help="of CSV files, else what scikit-learn ships")
        command.add_argument("--drop", type=words, default=[], help="columns that are no inputs")
    command.set_defaults(do=run, command=name)


def parse(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    for name in TASKS:
        add_command(commands, name)
    command = commands.add_parser("table", help="prints the lines of files")
    command.add_argument("files", nargs="+")
    command.set_defaults(do=table)
    return parser.parse_args(arguments)


def main():
    args = parse()
    args.do(args)


if __name__ == "__main__":
    main()
