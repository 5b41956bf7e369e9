"""Rare classes, wrong labels, and finding wrong labels."""

import numpy as np
import pandas as pd

from ._read import benchmark, cut, lines_of, with_error

cells, differences = benchmark("label_noise").cells, benchmark("label_noise").differences

RARE = {
    "pc_softmax": "`pc_softmax`",
    "ce_uniform": '`ce`, `priors="uniform"`',
    "balanced": '`ce`, `class_weight="balanced"`',
    "focal_uniform": 'focal loss, `priors="uniform"`',
    "smote": "SMOTE, then `ce`",
    "undersampled": "undersampling, then `ce`",
    "forest": "balanced random forest",
    "focal": "focal loss",
    "ce": "`ce`",
}


def _means_by_table(name):
    frame = pd.DataFrame([row for row in lines_of(name) if "mi" in row])
    frame = frame.drop_duplicates(["set", "seed", "model"], keep="last")
    return frame.groupby(["model", "set"], sort=False).mean(numeric_only=True)


def rare_classes():
    metrics = ["balanced_accuracy", "macro_f1", "accuracy", "rarest_recall", "mi"]
    by_table = _means_by_table("imbalance.jsonl")
    rows = []
    for model, name in RARE.items():
        own = by_table.loc[model]
        gap = by_table.loc["pc_softmax"]["balanced_accuracy"] - own["balanced_accuracy"]
        lead = "" if model == "pc_softmax" else with_error(gap, sign="+")
        first, *others = (f"{value:.3f}" for value in own[metrics].mean())
        rows.append([name, first, lead, *others])
    head = ["", "balanced accuracy", "`pc_softmax` less", "macro F1", "accuracy"]
    return [*head, "recall of the rarest", "nats certified"], rows


def rare_digits():
    metrics = ["balanced_accuracy", "accuracy", "rarest_recall", "mi"]
    by_table = _means_by_table("imbalance_mnist.jsonl").droplevel("set")[metrics]
    rows = [[name, *(f"{v:.3f}" for v in by_table.loc[model])]
            for model, name in RARE.items() if model in by_table.index]  # fmt: skip
    return ["", "macro accuracy", "accuracy", "recall of the rarest", "nats certified"], rows


def _noise_lines(command):
    rows = [row for row in lines_of("label_noise.jsonl") if row["command"] == command]
    rows = [row for row in rows if "error" not in row]
    last = {tuple(row[name] for name in ["data", "noise", "model", "seed"]): row for row in rows}
    return list(last.values())


def _accuracy(rows):
    values = [row["accuracy"] for row in rows]
    shown = f"{np.mean(values):.3f}"
    return shown if len(values) == 1 else f"{shown} ({min(values):.3f} to {max(values):.3f})"


def _matrix_error(rows):
    return f"{np.mean([row['matrix_error'] for row in rows]):.3f}"


def noise_sketch():
    rows = []
    for (data, noise), found in cells(_noise_lines("sketch")).items():
        figure = found["dmi"][0].get("figure")
        earlier = "" if figure is None else f"{figure:.3f}"
        accuracy = [_accuracy(found[loss]) for loss in ("dmi", "forward")]
        errors = [_matrix_error(found[loss]) for loss in ("dmi", "forward")]
        rows.append([data, noise, earlier, *accuracy, *errors])
    head = ["data", "noise", "earlier", "`dmi` (range)", "`forward` (range)"]
    return [*head, "matrix error, `dmi`", "`forward`"], rows


def _losses(command, *losses):
    """Accuracy of these losses on each task, and the matrix error of dmi."""
    found = cells(_noise_lines(command)).items()
    rows = [[data, noise, *(_accuracy(models[loss]) for loss in losses),
             _matrix_error(models["dmi"])] for (data, noise), models in found]  # fmt: skip
    return ["data", "noise", *(f"`{loss}`" for loss in losses), "matrix error, `dmi`"], rows


def noise_tables():
    return _losses("tables", "ce", "dmi")


def noise_differences():
    rows = []
    for (loss, noise), gaps in differences(_noise_lines("tables")).items():
        values = np.array(list(gaps.values()))
        span = f"{values.min():+.3f} to {values.max():+.3f}"
        ahead = f"{(values > 0).sum()} of {len(values)}"
        rows.append([f"`{loss}` less `ce`", noise, ahead, with_error(values, sign="+"), span])
    return ["", "noise", "tables ahead", "mean", "range"], rows


def noise_reviews():
    return _losses("reviews", "ce", "gce", "dmi")


def noise_hundred():
    return _losses("hundred", "ce", "dmi")


def noise_fashion():
    found = cells(_noise_lines("fashion"))
    shares = [share for share in (".2", ".4", ".6", ".8")]
    rows = []
    for share in shares:
        both = [found["fashion", f"case {case} {share}"] for case in (1, 2, 3)]
        rows.append(
            [share, *(", ".join(_accuracy(m[loss]) for loss in ("ce", "dmi")) for m in both)]
        )
    head = ["share flipped", "both ways: `ce`, `dmi`", "of the small class", "of the large class"]
    return head, rows


def choosing():
    pair = r" +([-+][\d.]+) +([\d.]+)"
    rows = cut("label_noise.txt", rf"^(\w+) +(a?sym \S+) +(\d+) models{pair}{pair}{pair}{pair}$")
    shown = [[row[0], row[1], *(f"{row[k]}, {row[k + 1]}" for k in (3, 5, 7))] for row in rows]
    head = ["data", "noise", "`determinant_mutual_info_scorer`", "accuracy", "log loss"]
    return head, shown


def grid_search():
    rows = cut("label_noise.txt", r"^(\w+) +(a?sym \S+) +\d +(\w+) +([\d.]+) +(\w+) +([\d.]+)$")
    return ["data", "noise", "picked", "accuracy", "best", "accuracy"], rows


def _quality_lines():
    pattern = r"^(\w+) +(a?symm? \S+) (ce|dmi observed|dmi) +([\d.]+)((?: +[\d.]+){8})$"
    for table, noise, proba, _, figures in cut("label_quality.txt", pattern):
        yield table, noise, proba, figures.split()[2:]


def label_quality():
    means = {(noise, proba): figures for table, noise, proba, figures in _quality_lines()
             if table == "mean"}  # fmt: skip
    rows = []
    for noise in dict.fromkeys(noise for noise, _ in means):
        best = [max(means[noise, proba][1:]) for proba in ("dmi", "ce")]
        rows.append([noise, means[noise, "dmi"][0], *best])
    return ["noise", "`label_quality` by `dmi`", "best of cleanlab by `dmi`", "by `ce`"], rows


def label_quality_by_table():
    rows = [[table, noise, proba, *figures] for table, noise, proba, figures in _quality_lines()]
    head = ["table", "noise", "probabilities", "`label_quality`", "self-confidence"]
    return [*head, "adjusted margin", "margin", "entropy", "find_label_issues"], rows
