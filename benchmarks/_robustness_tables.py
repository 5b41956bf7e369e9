"""What the lines of benchmarks/robustness.py add up to, as text."""

import json

import numpy as np
import pandas as pd
from _comparison import standard_error

SETTINGS = ["rows", "test_rows", "eps", "max_iter", "steps", "restarts", "queries"]
KEY = ["task", "set", "model", "seed", *SETTINGS]
SLOPES = ["cross_entropy", "margin"]


def read(*paths):
    lines = [x for path in paths if path.exists() for x in path.read_text().splitlines()]
    return [json.loads(line) for line in lines]


def key(line, names=KEY):
    return json.dumps([line[name] for name in names])


def show(lines):
    """All tables of the lines; of several lines on the same, the last that succeeded counts."""
    done = list({key(line): line for line in lines if "error" not in line}.values())
    machines = dict.fromkeys(line["machine"] for line in done)
    blocks = ["\n".join(machines)]
    for part in _groups(done, ["task", *SETTINGS]):
        own = list(_groups(part, ["set"]))
        blocks += [text for group in own for text in _blocks_of_set(group)]
        if part[0]["task"] == "tables" and len(own) > 1:
            blocks += _means_over_sets(part)
    known = {key(line) for line in done}
    failed = [line for line in lines if "error" in line and key(line) not in known]
    blocks += [f"failed: {line['model']} on {line['set']} ({line['seed']})" for line in failed]
    return "\n\n".join(blocks)


def _groups(lines, names):
    groups = {}
    for line in lines:
        groups.setdefault(key(line, names), []).append(line)
    return groups.values()


def _blocks_of_set(lines):
    yield _title(lines)
    if lines[0]["task"] == "art":
        yield _text("", [_art_row(group, k) for group in _models(lines) for k in _radii(lines)])
        return
    yield _text("", [_about(group) for group in _models(lines)])
    for name in ["accuracy", "nats"]:
        yield _text(name, [_by_radius(group, name) for group in _models(lines)])
    yield _text("accuracy, one kind of attack", [_by_attack(group) for group in _models(lines)])


def _title(lines):
    first, seeds = lines[0], sorted({line["seed"] for line in lines})
    return (
        f"{first['task']}: {first['set']}, {first['n_train']} rows, {first['n_attacked']} attacked "
        f"(steps {first['steps']}, restarts {first['restarts']}, queries {first['queries']}); "
        f"H(Y) {first['entropy']:.3f}; seeds {', '.join(map(str, seeds))}"
    )


def _models(lines):
    return _groups(lines, ["model"])


def _radii(lines):
    """Places of the radii, without that of 0, which comes first."""
    return range(1, len(lines[0]["eps"]) + 1)


def _text(title, rows):
    frame = pd.DataFrame(rows).set_index("model")
    return frame.rename_axis(index=None, columns=title or None).to_string()


def _cell(values):
    """Mean and, of more than one, standard error."""
    error = standard_error(np.asarray(values))
    return f"{np.mean(values):.3f}" + ("" if np.isnan(error) else f" ±{error:.3f}")


def _about(lines):
    names = {"epochs": "epochs", "fit_seconds": "fit s", "attack_seconds": "attack s"}
    row = {"model": lines[0]["model"], "seeds": len(lines)}
    row |= {"own nats": _cell([line["own_nats"] for line in lines])}
    return row | {shown: f"{_mean(lines, name):.0f}" for name, shown in names.items()}


def _mean(lines, name):
    return np.mean([line[name] for line in lines], axis=0)


def _by_radius(lines, name):
    values = np.array([line[name] for line in lines])
    cells = {eps: _cell(values[:, k]) for k, eps in enumerate([0, *lines[0]["eps"]])}
    return {"model": lines[0]["model"]} | cells


def _by_attack(lines):
    """The lower of the two that climb slopes, and the one that does not; the lowest at the end."""
    names = list(lines[0]["attacks"])
    means = {n: _mean([line["attacks"][n] for line in lines], "accuracy") for n in names}
    row = {"model": lines[0]["model"]}
    for k, eps in enumerate(lines[0]["eps"], start=1):
        row[f"{eps:g} slopes"] = f"{min(means[n][k] for n in SLOPES):.3f}"
        row[f"{eps:g} square"] = f"{means['square'][k]:.3f}"
    return row | {"lowest": min(names, key=lambda n: means[n][-1])}


def _art_row(lines, k):
    """All attacks of ours against all of ART, and each by itself, at one radius."""
    ours, theirs = (_mean(lines, name)[k] for name in ["accuracy", "art"])
    row = {"model": lines[0]["model"], "seeds": len(lines), "eps": lines[0]["eps"][k - 1]}
    row |= {"agree": f"{_mean(lines, 'agreement'):.3f}"}
    row |= {"ours": f"{ours:.3f}", "ART": f"{theirs:.3f}", "ours - ART": f"{ours - theirs:+.3f}"}
    row |= {name: sum(line[name][k] for line in lines) for name in ["only_ours", "only_art"]}
    for name in lines[0]["attacks"]:
        own = [line["attacks"][name] for line in lines]
        row[name.replace("cross_entropy", "ce")] = f"{_mean(own, 'accuracy')[k]:.3f}"
    seconds = {"s": "attack_seconds", "ART s": "art_seconds"}
    return row | {shown: f"{_mean(lines, name):.0f}" for shown, name in seconds.items()}


def _means_over_sets(lines):
    """Means of the models that all tables have, after averaging each table over its seeds."""
    sets = sorted({line["set"] for line in lines})
    by_set = [list(_groups(group, ["set"])) for group in _models(lines)]
    by_set = [parts for parts in by_set if len(parts) == len(sets)]
    if not by_set:
        return
    yield f"mean ± standard error over {len(sets)} tables: {', '.join(sets)}"
    for name in ["accuracy", "nats"]:
        means = [[part[0] | {name: _mean(part, name)} for part in parts] for parts in by_set]
        yield _text(name, [_by_radius(model, name) for model in means])
