"""Trials of a user's module before it is stacked: what it gives, keeps and replaces."""

import torch

from ..exceptions import warn
from ._kept import Kept, copy_module, has_hooks

HINT = (
    "A class or a function of the numbers of columns, or of channels, and of classes can adapt its "
    "first layer."
)
BUFFER = "Keep it in a tensor made by register_buffer, which every member then has for itself."


def check_learns(module):
    """Refuse a module that has nothing to train."""
    parameters = list(module.parameters())
    if any(parameter.requires_grad for parameter in parameters):
        return
    why = "all are frozen: call requires_grad_() on those" if parameters else "add a layer"
    raise ValueError(
        f"The module {_name(module)} has {len(parameters)} parameters and none that learns; {why} "
        "that training is to change, or pass another module."
    )


def check_output(module, shape, n_classes):
    """Refuse a module that does not give one score per class for two rows of zeros."""
    batch = torch.zeros(2, *shape)
    modes = [(layer, layer.training) for layer in module.modules()]
    kept, buffers = Kept(module), _buffers(module)
    try:
        with torch.no_grad():
            scores = module.eval()(batch)
    except Exception as error:
        raise ValueError(
            f"The module failed on a batch of shape {tuple(batch.shape)}, two rows of the encoded "
            f"table or two images of float32: {first_line(error)}. {_hint(module)}"
        ) from error
    finally:
        for layer, mode in modes:
            layer.training = mode
        kept.restore()
        for owner, name, buffer, value in buffers:
            owner[name] = buffer if value is None else buffer.copy_(value)
    if not torch.is_tensor(scores):
        raise ValueError(
            f"The module returned a {type(scores).__name__}, expected one tensor of shape "
            f"{(2, n_classes)} for 2 rows: one score per class. Return the scores alone from its "
            "forward, or wrap it in a module that does."
        )
    if tuple(scores.shape) != (2, n_classes):
        raise ValueError(
            f"The module returned shape {tuple(scores.shape)} for 2 rows, expected "
            f"{(2, n_classes)}: one score per class. Give its last layer as many outputs as there "
            "are classes."
        )
    if not scores.is_floating_point():
        raise ValueError(
            f"The module returned scores of {scores.dtype}, expected floats. Return real numbers, "
            "one for each class, such as the output of a linear layer."
        )


def _hint(module):
    kinds = {p.dtype for p in module.parameters() if p.is_floating_point()} - {torch.float32}
    if kinds:
        return f"It has parameters of {kinds.pop()}: pass module.float()."
    return HINT


class Trial:
    """What the module does on two random rows.

    Attributes
    ----------
    keeps : bool
        Whether the forward keeps something, or hooks listen to it, so that every member needs a
        module of its own.
    writes : bool
        Whether the forward changes the rows that it is given.

    Raises
    ------
    ValueError
        If scores depend on what the forward keeps outside of buffers, or on a buffer that changes
        its shape.
    """

    def __init__(self, module, shape):
        self.x = torch.rand(2, *shape, generator=torch.Generator().manual_seed(0))
        self.probe = _copied(module)
        self.keeps, self.writes = has_hooks(self.probe), False
        before, tensors = Kept(self.probe), _tensors(self.probe)
        scores = self._scores(training=False)
        _warn_of_softmax(scores.double(), module)
        self._check_finite(scores, self._scores(training=True))
        self._scores(training=False)
        self._look_at_tensors(tensors)
        if before.changed():
            self.keeps = True
            self._check_that_what_is_kept_does_not_matter(before)

    def _scores(self, training):
        x = self.x.clone()
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            torch.default_generator.manual_seed(0)
            try:
                scores = self.probe.train(training)(x)
            except Exception as error:
                mode = "training" if training else "evaluation"
                raise ValueError(
                    f"The module failed in {mode} mode on a batch of shape {tuple(x.shape)}: "
                    f"{first_line(error)}. {_hint(self.probe)}"
                ) from error
        self.writes |= not torch.equal(x, self.x)
        return scores

    def _check_finite(self, scores, in_training):
        if scores.isfinite().all() and not in_training.isfinite().all():
            raise ValueError(
                f"The scores of {_name(self.probe)} are finite in evaluation mode, but not in "
                "training mode. Return finite numbers from its forward in both."
            )

    def _look_at_tensors(self, before):
        """Buffers that were assigned; a parameter must not be, nor may a shape change."""
        after = _tensors(self.probe)
        for name in before.keys() | after.keys():
            (old, *place), (new, *other) = (
                d.get(name, (None, None, None)) for d in (before, after)
            )
            if old is new and place == other:
                continue
            self.keeps = True
            if old is new and place[0] == other[0]:
                continue  # a parameter that was changed in place
            if isinstance(old, torch.nn.Parameter) or _unlike(old, new):
                raise ValueError(
                    f"The forward of {_name(self.probe)} replaces {name!r} by a tensor of another "
                    "kind or shape. Register it as a buffer of the shape and type that it is to "
                    "have, and change parameters in place under torch.no_grad()."
                )

    def _check_that_what_is_kept_does_not_matter(self, before):
        after = Kept(self.probe)
        buffers = {b: b.clone() for b in self.probe.buffers()}
        for training in (True, False):
            found = []
            for kept, options in ((after, {}), (before, {"numbers": not training})):
                after.restore()
                kept.restore(**options)
                for buffer, value in buffers.items():
                    buffer.copy_(value)
                found.append(self._scores(training))
            if not torch.allclose(*found, equal_nan=True):
                raise ValueError(
                    f"The scores of {_name(self.probe)} depend on what its forward keeps in an "
                    f"attribute, which is lost between batches. {BUFFER}"
                )


def _copied(module):
    try:
        return copy_module(module)
    except Exception as error:
        raise ValueError(
            f"The module {_name(module)} cannot be copied: {first_line(error)}. Networks are "
            "copied to average their weights; leave locks, files and generators out of it."
        ) from error


def _tensors(module):
    """Every parameter and buffer by name, where its values lie, and how often they changed."""
    found = {}
    for prefix, layer in module.named_modules():
        for key, tensor in [*layer._parameters.items(), *layer._buffers.items()]:
            place = None if tensor is None else tensor.data_ptr()
            version = tensor._version if isinstance(tensor, torch.nn.Parameter) else None
            found[f"{prefix}.{key}" if prefix else key] = (tensor, place, version)
    return found


def _buffers(module):
    """Every buffer with its values; a lazy one has none yet, and is left to take its shape."""
    return [
        (layer._buffers, name, buffer, None if buffer is None else buffer.clone())
        for layer in module.modules()
        for name, buffer in layer._buffers.items()
        if not isinstance(buffer, torch.nn.UninitializedBuffer)
    ]


def _unlike(old, new):
    if old is None or new is None:
        return True
    return old.shape != new.shape or old.dtype != new.dtype


def _warn_of_softmax(scores, module):
    one, what = torch.ones((), dtype=scores.dtype), None
    if (scores >= 0).all() and torch.allclose(scores.sum(-1), one, atol=1e-6):
        what = "probabilities, as of a softmax; losses apply their own, under which all are alike"
    elif torch.allclose(scores.logsumexp(-1).exp(), one, atol=1e-6):
        what = "log probabilities, as of a log_softmax; losses apply their own softmax"
    if what:
        warn(
            f"The scores of {_name(module)} are {what}. Leave it out: return the output of the "
            "last linear layer.",
        )


def first_line(error):
    """What an error says first, without a full stop."""
    return f"{type(error).__name__}: {error}".splitlines()[0].rstrip(". ")


def _name(module):
    return type(module).__name__
