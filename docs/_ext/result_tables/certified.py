"""How much each classifier certifies on real tables, and what it takes."""

import numpy as np
import pandas as pd

from ._read import benchmark, lines_of, with_error

collect, paired = benchmark("_comparison").collect, benchmark("_comparison").paired

COMPARED = ["tightness_peers.jsonl", "tightness_ours.jsonl", "tightness_networks.jsonl"]
PEERS = {
    "catboost": "CatBoost (1)",
    "hgb": "gradient boosting of scikit-learn",
    "rf": "random forest, 300 trees",
    "realmlp": "RealMLP-TD",
    "realmlp_s": "RealMLP-TD-S",
    "logreg": "logistic regression",
    "lgbm": "LightGBM",
    "mlp": "`MLPClassifier`",
    "networks": "its own networks, without companions",
}


def peers():
    found = collect(lines_of(*COMPARED))
    rows = []
    for model, name in PEERS.items():
        pair = paired(found, "ours", model)
        lead = f"{pair['gap']:+.3f} ± {pair['error']:.3f}"
        score = [f"{pair['won']}-{pair['lost']}", f"{pair['accuracy']:+.3f}"]
        rows.append([name, lead, *score])
    return ["against", "information gained", "won-lost", "accuracy gained"], rows


def peers_by_table(*names):
    """Nats of each model, mean over the splits; missing where it lacks one."""
    names = names or COMPARED
    frame = pd.DataFrame([row for row in lines_of(*names) if "mi" in row])
    frame = frame.drop_duplicates(["set", "seed", "model"], keep="last")
    mean = frame.pivot_table("mi", "set", "model", aggfunc=["mean", "count"])
    mean = mean["mean"].where(mean["count"] == frame["seed"].nunique())
    mean.insert(0, "H(Y)", frame.groupby("set")["entropy"].mean())
    models = ["H(Y)", "ours", *(m for m in [*PEERS, "ours:gccs", "networks:gccs"] if m in mean)]
    shown = mean[models].map(lambda nats: "" if np.isnan(nats) else f"{nats:.3f}")
    return ["table", *models], [[name, *shown.loc[name]] for name in shown.index]


def autogluon():
    """Nats of both at seed 0, and the lead as a share of H(Y), largest first."""
    frame = pd.DataFrame(lines_of("tightness_ours.jsonl", "tightness_autogluon.jsonl"))
    nats = frame[frame["seed"] == 0].pivot(index="set", columns="model", values="mi").dropna()
    rows = frame.groupby("set")["n"].first()
    lead = (nats["ours"] - nats["best_quality"]) / frame.groupby("set")["entropy"].first()
    lead = lead.dropna().sort_values(ascending=False)
    shown = [
        [name, f"{rows[name]:,}", *(f"{nats.loc[name, m]:.4f}" for m in ("ours", "best_quality")),
         f"{lead[name]:+.3f}"]
        for name in lead.index
    ]  # fmt: skip
    shown.append(["mean", "", "", "", with_error(lead, "+")])
    return ["table", "training rows", "`MutualInfoClassifier`", "AutoGluon", "lead"], shown


def gccs_by_table():
    return peers_by_table("tightness_gccs.jsonl")


def time_side_by_side():
    frame = pd.DataFrame(lines_of("tightness_time.jsonl"))
    seconds = frame.pivot_table("fit_seconds", "set", "model", aggfunc="sum")
    seconds.loc["all"] = seconds.sum()
    rows = [
        [name, *(f"{row[model]:.1f}" for model in ("ours", "realmlp_s")),
         f"{row['ours'] / row['realmlp_s']:.2f}"]
        for name, row in seconds.iterrows()
    ]  # fmt: skip
    return ["table", "`MutualInfoClassifier`, s", "RealMLP-TD-S, s", "ratio"], rows
