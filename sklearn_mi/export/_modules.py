"""Modules of users, and the default network for images: each member by torch's exporter."""

import io
import warnings

import numpy as np
import torch

from ._graph import OPSETS, parsed

REFUSED = (
    "torch cannot export the module {name} to ONNX: {error}. Use layers that it knows, or the "
    'default module="auto".'
)


def stack_scores(graph, stack, rows, shape):
    """Add a `ModuleStack`: scores (M, n, K) of encoded rows, or images, (M, n, *shape)."""
    scores = [
        graph.insert(
            exported(stack.member(number), shape), graph("Gather", rows, np.int64(number), axis=0)
        )
        for number in range(stack.n_members)
    ]
    return graph("Concat", *(graph("Unsqueeze", own, np.array([0])) for own in scores), axis=0)


def exported(module, shape):
    """One network, of rows or images (n, *shape), as a `ModelProto`.

    Raises
    ------
    ValueError
        If torch's exporter refuses it.
    """
    file, x = io.BytesIO(), torch.zeros(2, *shape)
    names = {"input_names": ["x"], "output_names": ["scores"]}
    axes = {"x": {0: "rows"}, "scores": {0: "rows"}}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of tracing, and of an exporter that is newer
            torch.onnx.export(
                module.cpu(), (x,), file, dynamo=False, opset_version=OPSETS[""],
                dynamic_axes=axes, **names,
            )  # fmt: skip
    except Exception as error:  # torch raises many kinds
        first = str(error).strip().splitlines() or [type(error).__name__]
        raise ValueError(REFUSED.format(name=type(module).__name__, error=first[0])) from error
    return parsed(file.getvalue())
