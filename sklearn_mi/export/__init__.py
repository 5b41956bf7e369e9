"""A fitted classifier as one ONNX graph, for where there is neither torch nor scikit-learn."""

from ._to_onnx import to_onnx

__all__ = ["to_onnx"]
