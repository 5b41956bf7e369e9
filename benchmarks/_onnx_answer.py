"""Probabilities and labels of an ONNX file, by a process that has NumPy and ONNX Runtime only.

python benchmarks/_onnx_answer.py MODEL.onnx INPUTS.npz ANSWERS.npz
"""

import sys
import time

import numpy as np
import onnxruntime

HEAVY = {"torch", "sklearn", "skorch", "pandas", "sklearn_mi"}


def answer(model, inputs, answers):
    """Write labels, probabilities and seconds of one run."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    with np.load(inputs) as file:
        feeds = dict(file)
    start = time.perf_counter()
    label, proba = session.run(["label", "probabilities"], feeds)
    seconds = time.perf_counter() - start
    loaded = sorted(HEAVY & set(sys.modules))
    np.savez(answers, label=label.astype(str), proba=proba, seconds=seconds, loaded=loaded)


if __name__ == "__main__":
    answer(*sys.argv[1:])
