"""What each place of an image adds to the score of each class, for one network."""

import torch
from torch import nn

NO_MAPS = (
    "The scores of {name} are no means over maps: info_cam needs a network that ends in global "
    "average pooling and a linear layer. Let it end in torch.nn.AdaptiveAvgPool2d(1), "
    "torch.nn.Flatten() and torch.nn.Linear, in evaluation mode with nothing but an identity "
    "between or after them, as sklearn_mi.modules.ConvNet does where pooled_size is 1; the layer "
    "before the pooling must be a torch.nn.Module too, not a function."
)


@torch.no_grad()
def class_maps(module, x):
    r"""Maps of the classes, whose means are the scores [1]_.

    .. math:: f_y = b_y + \frac{1}{hw} \sum_u M_y(u), \qquad M_y(u) = \sum_k w_{yk} A_k(u)

    with A the maps that go into the pooling, w and b the weights and biases of the linear layer.
    Which layers these are is told by their values, not by their names: the linear layer is the one
    that gives the scores, and A are the maps whose means it takes in.

    Parameters
    ----------
    module : nn.Module
        In evaluation mode; takes (B, channels, height, width) to (B, K).
    x : Tensor of shape (B, channels, height, width)

    Returns
    -------
    maps : Tensor of shape (B, K, h, w)
    bias : Tensor of shape (K,)

    Raises
    ------
    ValueError
        If the scores are no such means.

    References
    ----------
    .. [1] B. Zhou, A. Khosla, A. Lapedriza, A. Oliva and A. Torralba, "Learning deep features for
       discriminative localization", CVPR 2016.
    """
    scores, spatial, linear = _run_and_record(module, x)
    for layer, pooled in reversed(linear):
        features = _with_mean(spatial, pooled, x)
        if features is not None:
            maps = torch.einsum("yk,bkhw->byhw", layer.weight, features)
            bias = torch.zeros_like(maps[0, :, 0, 0]) if layer.bias is None else layer.bias
            if _equal(maps.mean((2, 3)) + bias, scores):
                return maps, bias
    raise ValueError(NO_MAPS.format(name=type(module).__name__))


def _run_and_record(module, x):
    """Scores, all tensors with four axes on the way, and what linear layers took in."""
    spatial, linear = [], []

    def record(layer, inputs, named, outputs):
        inputs = (*inputs, *named.values())
        spatial.extend(t for t in (*inputs, outputs) if torch.is_tensor(t) and t.ndim == 4)
        if isinstance(layer, nn.Linear):
            linear.append((layer, inputs[0]))

    hooks = [layer.register_forward_hook(record, with_kwargs=True) for layer in module.modules()]
    try:
        scores = module(x)
    finally:
        for hook in hooks:
            hook.remove()
    return scores, spatial, linear


def _with_mean(spatial, pooled, x):
    """The first maps whose means over the image are `pooled`, (B, C); None if there are none.

    What the pooling gives has these means as well, but comes later. Maps of one place tell nothing
    of places, unless the images are no larger.
    """
    for maps in spatial:
        tells = maps[0, 0].numel() > 1 or x[0, 0].numel() == 1
        if tells and maps.shape[:2] == pooled.shape and _equal(maps.mean((2, 3)), pooled):
            return maps
    return None


def _equal(first, second):
    """Whether two tensors are the same but for rounding errors."""
    if first.shape != second.shape:
        return False
    scale = second.abs().max().item()
    return torch.allclose(first, second, rtol=0, atol=1e-4 * scale)
