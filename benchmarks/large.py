"""What does a fit to rows that do not fit into memory take, and does it estimate the same?

    python benchmarks/large.py FOLDER --rows 10000000 > benchmarks/results/large.txt

makes Parquet files of float64 columns and a label of five classes in FOLDER, 160 bytes a row, if
they are not there yet. It then fits `MutualInfoClassifier` to them, and in another process runs a
bare torch loop over the same files: the same network and number of members, as many batches, by the
same reading of the files, and nothing else; no sample, no held-out rows, no averaging, no trees. On
200,000 of the rows it compares the estimate with that of a fit in memory. Each part runs in
a process of its own; memory is the most that was resident, less what was so after the imports.
`--parts fit` runs some of them only, `--max-iter 3` shows the memory in less time.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from _machine import describe

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.modules import StackedMLP, quantile_edges

N_COLUMNS, N_CLASSES, ROWS_OF_FILE, SOME_ROWS = 20, 5, 1_000_000, 200_000
FOLDS, BATCH, BUFFER, RATE, DECAY = 5, 256, 2**16, 6e-3, 0.01
PARTS = "fit", "bare", "some", "memory"


def draw_rows(number, n_rows):
    """Rows and labels of one file, and the mean information that the rows hold of the labels."""
    rng = np.random.default_rng(number)
    weights = np.random.default_rng(0).normal(size=(N_COLUMNS, N_CLASSES)) / 2
    X = rng.normal(size=(n_rows, N_COLUMNS))
    scores = X @ weights + X[:, :N_CLASSES] * X[:, N_CLASSES : 2 * N_CLASSES]
    y = (scores + rng.gumbel(size=scores.shape)).argmax(axis=1)
    log_proba = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    information = log_proba[np.arange(n_rows), y] - np.log(np.bincount(y) / n_rows)[y]
    return X, y, information.mean()


def make_files(folder, n_rows):
    folder.mkdir(parents=True, exist_ok=True)
    told = []
    for number, start in enumerate(range(0, n_rows, ROWS_OF_FILE)):
        X, y, information = draw_rows(number, min(ROWS_OF_FILE, n_rows - start))
        told.append(information)
        columns = {f"x{j}": column for j, column in enumerate(X.T)}
        table = pa.table({**columns, "label": np.array(list("abcde"))[y]})
        pq.write_table(table, folder / f"{number:04}.parquet")
    (folder / "truth.txt").write_text(f"{np.mean(told):.4f}")


def read_some(folder):
    """The first rows of each file in equal number, as a frame."""
    files = sorted(folder.glob("*.parquet"))
    each = SOME_ROWS // len(files)
    tables = [next(pq.ParquetFile(f).iter_batches(each)).to_pandas() for f in files]
    return pa.concat_tables(map(pa.Table.from_pandas, tables)).to_pandas()


def resident(which):
    """GiB that are resident now, VmRSS, or were so at most, VmHWM."""
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{which}:")[1].split()[0]) / 2**20


def run_part(name, folder, n_batches, max_iter):
    """Run one part and print its seconds, its memory and what it found."""
    before, wall, cpu = resident("VmRSS"), time.perf_counter(), time.process_time()
    bare = name == "bare"
    found = f"batches {bare_loop(folder, n_batches)}" if bare else fit(name, folder, max_iter)
    seconds = time.perf_counter() - wall, time.process_time() - cpu
    print(
        f"{name}: {seconds[0]:.0f} s, {seconds[1]:.0f} s of processors, "
        f"{resident('VmHWM') - before:.2f} GiB above import, {found}"
    )


def fit(name, folder, max_iter):
    clf = MutualInfoClassifier(max_iter=int(max_iter) if max_iter.isdigit() else max_iter)
    clf.set_params(random_state=0)
    if name == "memory":
        table = read_some(folder)
        clf.fit(table.drop(columns="label"), table["label"])
    else:
        clf.fit(folder, "label")
    batches = sum(epoch["train_batch_count"] for epoch in clf.net_.history)
    score, error = clf.mutual_info_score_, clf.mutual_info_stderr_
    return f"batches {batches}, information {score:.4f} +- {error:.4f}"


def bare_loop(folder, n_batches):
    """So many batches of each member, its rows every file's but each fifth."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    network, done = None, 0
    while done < n_batches:
        for file in sorted(folder.glob("*.parquet")):
            for batch in pq.ParquetFile(file, pre_buffer=False).iter_batches(BUFFER):
                X, y = tensors(batch)
                if network is None:
                    edges = quantile_edges(X, 4)[None].expand(FOLDS, -1, -1)
                    network = StackedMLP(
                        FOLDS, N_COLUMNS, N_CLASSES, n_numeric=N_COLUMNS, edges=edges
                    )
                    optimizer = torch.optim.AdamW(
                        network.parameters(), lr=RATE, weight_decay=DECAY, fused=True
                    )
                fold = torch.randint(FOLDS, (len(y),))
                own = [torch.nonzero(fold != m).ravel() for m in range(FOLDS)]
                size = min(map(len, own))
                rows = torch.stack([o[torch.randperm(len(o))[:size]] for o in own])
                for some in rows.split(BATCH, dim=1):
                    optimizer.zero_grad()
                    scores = network(X[some])
                    loss = torch.nn.functional.cross_entropy(scores.flatten(0, 1), y[some].ravel())
                    (FOLDS * loss).backward()
                    optimizer.step()
                    done += 1
                    if done == n_batches:
                        return done


def tensors(batch):
    """Columns as they are, for they have mean 0 and spread 1."""
    columns = [batch.column(j).to_numpy() for j in range(N_COLUMNS)]
    labels = batch.column(N_COLUMNS).dictionary_encode()
    order = np.argsort(np.argsort(labels.dictionary.to_pylist()))
    y = order[labels.indices.to_numpy()]
    return torch.from_numpy(np.stack(columns, 1).astype(np.float32)), torch.from_numpy(y)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--part", help="run one in this process")
    parser.add_argument("--batches", type=int, default=0, help="of the bare loop")
    parser.add_argument("--max-iter", default="auto")
    options = parser.parse_args()
    if options.part:
        run_part(options.part, options.folder, options.batches, options.max_iter)
        return
    print(describe())
    print(f"{options.rows:,} rows of {N_COLUMNS} columns, {ROWS_OF_FILE:,} to a file")
    whole = options.folder / f"rows_{options.rows}"
    if not (whole / "truth.txt").exists():
        make_files(whole, options.rows)
    size = sum(file.stat().st_size for file in whole.glob("*.parquet"))
    print(f"{size / 1e9:.2f} GB; rows tell {(whole / 'truth.txt').read_text()} nats of the label")
    some, n_batches = options.folder / "some", options.batches
    for part in options.parts.split(","):
        if part == "some":
            some.mkdir(exist_ok=True)
            read_some(whole).to_parquet(some / "some.parquet", index=False)
        folder = some if part == "some" else whole
        command = [sys.executable, __file__, folder, "--part", part, "--batches", str(n_batches)]
        command += ["--max-iter", options.max_iter]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        if part == "fit":
            n_batches = int(said.split("batches ")[1].split(",")[0])
        print(said, end="", flush=True)


if __name__ == "__main__":
    main()
