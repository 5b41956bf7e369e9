"""Images, objects in them, and adversaries."""

import numpy as np
import pandas as pd

from ._read import cut, lines_of

ROBUST = {
    "ce": "`ce`",
    "ce_smoothed": "label smoothing",
    "gccs": "`gccs`",
    "ce_flat": "`ce`, places told apart",
    "ce_adversarial_0.1": "`ce`, adversarial training",
    "gccs_adversarial_0.1": "`gccs`, adversarial training",
    "ce_flat_adversarial_0.1": "`ce`, places told apart, adversarial training",
    "pool": "the default, with companions",
}


def _fits(name, task, loss=r"\w+"):
    """Data, loss, seed and figures of each line of images.txt about a task."""
    pattern = rf"^(\w+) +{task} +({loss}) +seed (\d+): (.*)$"
    for data, *about, text in cut(name, pattern):
        pairs = (part.split(" ", 1) for part in text.split(", "))
        yield data, *about, {key: value.split(" +- ") for key, value in pairs}


def image_accuracy():
    rows = []
    for data, _, _, found in _fits("images.txt", "accuracy"):
        nats = [" ± ".join(f"{float(v):.3f}" for v in found[key])
                for key in ("nats_held_out", "nats_test")]  # fmt: skip
        minutes = float(found["seconds"][0]) / 60
        rows.append([data, f"{float(found['accuracy'][0]):.3f}", *nats, f"{minutes:.1f}"])
    head = ["training file", "accuracy on the test file", "nats on the held-out fifth"]
    return [*head, "nats on the test file", "minutes"], rows


def image_imbalance():
    names = ["macro", "even", "odd", "nats_held_out"]
    rows = [[f"`{loss}`", seed, *(f"{float(found[name][0]):.3f}" for name in names)]
            for _, loss, seed, found in _fits("images.txt", "imbalance")]  # fmt: skip
    head = ["loss", "seed", "mean recall", "of even digits (rare)", "of odd ones"]
    return [*head, "nats on held-out rows"], rows


def image_stack():
    pattern = (
        r"^fashion_mnist (\w.*?) +ce +seed 0: turn (\d), nats (\S+), accuracy (\S+), seconds (\d+)"
    )
    return ["", "turn", "nats", "accuracy", "seconds"], cut("images.txt", pattern)


def image_noise():
    pattern = (
        r"^fashion_mnist case (\d) (\S+) +(\w+) +seed 0: rows (\d+), accuracy (\S+?),"
        r"(?: matrix_error (\S+),)? seconds (\d+)"
    )
    kinds = {"1": "both ways", "2": "of the small class", "3": "of the large class"}
    rows = [["before", *row] for row in cut("images.txt", pattern)]
    rows += [["since", *row] for row in cut("images_noise.txt", pattern)]
    shown = [[f"`{row[3]}`", row[0] if row[3] == "dmi" else "", kinds[row[1]], row[2], *row[4:]]
             for row in rows]  # fmt: skip
    head = ["loss", "joint matrix", "flipped", "share", "images", "accuracy", "matrix error"]
    return [*head, "seconds"], shown


# --- where the object is --------------------------------------------------------------------------

FIGURES = ["gt_known", "at_.2", "top_1", "max_box", "mean_iou"]
KINDS = {"cam": "CAM", "grad_cam": "Grad-CAM", "info_cam": "infoCAM", "info_cam_plus": "infoCAM+"}
KINDS |= {f"{kind}, region": f"{KINDS[kind]}, regions of 3×3"
          for kind in ("cam", "info_cam", "info_cam_plus")}  # fmt: skip


def _located(data):
    lines = pd.DataFrame(lines_of("localization.jsonl"))
    by_seed = lines[lines["data"] == data].set_index(["kind", "seed"])
    rows = []
    for kind, name in KINDS.items():
        own = by_seed.loc[kind]
        lead = own["gt_known"] - by_seed.loc["cam"]["gt_known"]
        ahead = f"{lead.mean():+.3f} ({lead.min():+.3f} to {lead.max():+.3f})"
        at = f"{own['threshold'].min():.2f} to {own['threshold'].max():.2f}"
        first, *others = (f"{value:.3f}" for value in own[FIGURES].mean())
        rows.append([name, first, "" if kind == "cam" else ahead, at, *others])
    head = ["map", "found", "less CAM (range)", "threshold", "found at .2", "and label right"]
    return [*head, "at the best threshold", "mean IoU"], rows


def located_mnist():
    return _located("mnist")


def located_fashion():
    return _located("fashion_mnist")


# --- adversaries ----------------------------------------------------------------------------------


def _robust_lines(task):
    rows = [row for row in lines_of("robustness.jsonl") if row["task"] == task]
    last = {(r["set"], r["model"], r["seed"]): r for r in rows if "error" not in r}
    return pd.DataFrame(last.values())


def _means(frame, name):
    """Mean over the seeds, then over the sets, at each radius; the number of sets."""
    frame = frame[["set", "model", name]]
    by_set = {key: np.mean([*part[name]], axis=0) for key, part in frame.groupby(["model", "set"])}
    by_set = pd.DataFrame(by_set).T
    return by_set.groupby(level=0).mean(), by_set.groupby(level=0).size()


def robust_summary():
    """Accuracy and nats, clean and within .1, of five tables and both sets of images."""
    images = _robust_lines("images")
    parts = [_robust_lines("tables"), images[images["set"] == "mnist"]]
    parts.append(images[images["set"] == "fashion_mnist"])
    rows = []
    for model, name in ROBUST.items():
        cells = [cell for part in parts for cell in _clean_and_left(part, model)]
        rows.append([name, *cells])
    sets = ["five tables", "MNIST", "Fashion-MNIST"]
    head = ["", *(f"{name}: {what}" for name in sets for what in ("clean", "within .1"))]
    return head, [row for row in rows if row[0] != ROBUST["pool"]]


def _clean_and_left(frame, model):
    accuracy, sizes = _means(frame, "accuracy")
    nats, _ = _means(frame, "nats")
    if sizes.get(model, 0) < frame["set"].nunique():
        return ["", ""]
    return [f"{accuracy.loc[model][k]:.3f}, {nats.loc[model][k]:.2f}" for k in (0, 2)]


def _by_radius(frame):
    rows = []
    for data, part in frame.groupby("set", sort=False):
        accuracy, nats = (_means(part, name)[0] for name in ("accuracy", "nats"))
        for model, name in ROBUST.items():
            if model in accuracy.index:
                pairs = zip(accuracy.loc[model], nats.loc[model], strict=True)
                rows.append([data, name, *(f"{a:.3f}, {n:.2f}" for a, n in pairs)])
    return ["data", "model", "clean", "within .05", "within .1", "within .2"], rows


def robust_tables():
    return _by_radius(_robust_lines("tables"))


def robust_images():
    return _by_radius(_robust_lines("images"))


def robust_masking():
    """Accuracy within .1, by the attacks that climb slopes and by the one that does not."""
    frame = pd.concat([_robust_lines("tables"), _robust_lines("images")])
    rows = []
    for (data, model), part in frame.groupby(["set", "model"], sort=False):
        left = {name: np.mean([found[name]["accuracy"][2] for found in part["attacks"]])
                for name in part["attacks"].iloc[0]}  # fmt: skip
        slopes = min(left["cross_entropy"], left["margin"])
        gap = f"{slopes - left['square']:+.3f}"
        rows.append([data, ROBUST[model], f"{slopes:.3f}", f"{left['square']:.3f}", gap])
    return ["data", "model", "by slopes", "by search", "slopes less search"], rows


def robust_art():
    number = r" +([-+\d.]+)"
    rows = cut("robustness_art.txt", rf"^(\w+(?:_0\.1)?) +3{number}{number}{number}{number}{number}"
               rf"{number}{number}")  # fmt: skip
    head = ["model", "radius", "ours", "ART", "ours less ART", "wrong by ours only", "by ART only"]
    return head, [[ROBUST[row[0]], row[1], *row[3:]] for row in rows]
