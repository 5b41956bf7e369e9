"""A callback that keeps what it saw of the optimiser, which a fitted net has let go of."""

from skorch.callbacks import Callback


class SeesOptimizer(Callback):
    """Its class, and the options of its groups of parameters."""

    def on_train_end(self, net, **kwargs):
        self.kind, groups = type(net.optimizer_), net.optimizer_.param_groups
        self.groups = [
            {name: group[name] for name in group if name != "params"} for group in groups
        ]
