"""An ONNX graph that grows node by node."""

import numpy as np

try:
    import onnx
except ImportError:  # which to_onnx reports
    onnx = None

IR_VERSION = 10
OPSETS = {"": 18, "ai.onnx.ml": 5}
OF_ML = {"LabelEncoder", "TreeEnsemble"}


class Graph:
    """Nodes, constants, inputs and outputs; values are known by their names.

    Parameters
    ----------
    taken : iterable of str, default=()
        Names that inputs will have, so that no node takes them.

    Examples
    --------
    >>> graph = Graph()
    >>> x = graph.input("x", np.float32, ["rows", 2])
    >>> graph("Add", graph("MatMul", x, np.ones((2, 3), np.float32)), np.float32(1))
    'Add_3'
    """

    def __init__(self, taken=()):
        self.taken = set(taken)
        self.nodes, self.constants, self.inputs, self.outputs = [], [], [], []

    def __call__(self, op, *inputs, **attributes):
        """Add a node; arrays among its inputs become constants. Gives the name of its output."""
        inputs = [each if isinstance(each, str) else self.constant(each) for each in inputs]
        name = self._fresh(op)
        domain = "ai.onnx.ml" if op in OF_ML else ""
        self.nodes.append(
            onnx.helper.make_node(op, inputs, [name], name=name, domain=domain, **attributes)
        )
        return name

    def cast(self, dtype, values):
        """Values in another type."""
        return self("Cast", values, to=onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))

    def constant(self, array):
        """Add an array or a tensor; gives its name."""
        array = array.detach().cpu().numpy() if hasattr(array, "detach") else np.asarray(array)
        name = self._fresh("constant")
        if array.dtype.kind in "OU":
            array = array.astype(object)
        self.constants.append(onnx.numpy_helper.from_array(array.copy(order="C"), name))
        return name

    def input(self, name, dtype, shape, doc=""):
        """Add an input, of text where the type is `str`; gives its name."""
        self.inputs.append(_value_info(name, dtype, shape, doc))
        self.taken.add(name)
        return name

    def output(self, value, name, dtype, shape, doc=""):
        """Let a value be an output, under `name` or the first free one that begins so."""
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        self.nodes.append(onnx.helper.make_node("Identity", [value], [name], name=name))
        self.outputs.append(_value_info(name, dtype, shape, doc))
        return name

    def insert(self, model, rows):
        """Add the nodes of another model of one input and one output; gives the latter's name."""
        model = onnx.compose.add_prefix(model, f"{self._fresh('module')}/")
        (given,), (result,) = model.graph.input, model.graph.output
        self.nodes.append(onnx.helper.make_node("Identity", [rows], [given.name]))
        self.nodes.extend(model.graph.node)
        self.constants.extend(model.graph.initializer)
        return result.name

    def model(self, version, metadata):
        """The whole as a checked `ModelProto`."""
        graph = onnx.helper.make_graph(
            self.nodes, "sklearn_mi", self.inputs, self.outputs, self.constants
        )
        model = onnx.helper.make_model(
            graph,
            opset_imports=[onnx.helper.make_opsetid(*opset) for opset in OPSETS.items()],
            ir_version=IR_VERSION,
            producer_name="sklearn_mi",
            producer_version=version,
        )
        onnx.helper.set_model_props(model, metadata)
        onnx.checker.check_model(model, full_check=True)
        return model

    def _fresh(self, stem):
        name = f"{stem}_{len(self.nodes) + len(self.constants)}"
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name


def _value_info(name, dtype, shape, doc):
    dtype = np.dtype(object if dtype is str else dtype)  # objects are text to ONNX
    kind = onnx.helper.np_dtype_to_tensor_dtype(dtype)
    return onnx.helper.make_tensor_value_info(name, kind, shape, doc)


def tensor(array):
    """An array as the value of an attribute."""
    return onnx.numpy_helper.from_array(np.ascontiguousarray(array))


def filled(number):
    """What `ConstantOfShape` fills float32 with."""
    return tensor(np.array([number], np.float32))


def parsed(content):
    """A `ModelProto` from the content of its file."""
    return onnx.load_from_string(content)
