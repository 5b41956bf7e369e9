"""What is kept of a fit in a folder, so that the same call goes on after a kill."""

import json
import time
from contextlib import contextmanager
from statistics import median

from ..exceptions import CheckpointWarning, warn
from ._fit_identity import differences, identity_of
from ._kept_files import KeptFolder
from ._told_progress import LOG
from ._training_state import (
    NotPlain,
    from_bytes,
    not_kept,
    set_loss_state,
    set_training_state,
    to_bytes,
    training_state,
)

NAME = "fit"  # of the file
SECONDS_BETWEEN = 5.0  # at least, from one checkpoint to the next
MOST_SHARE = 0.03  # of the time of a training that checkpoints may take
OTHER_FIT = (
    "checkpoint={folder!r} holds another fit, which differs in {what}. Make this call as that one "
    "was made, to go on with it; or delete {path} to start from the beginning, or choose another "
    "folder."
)
NOT_OURS = (
    "{path} holds more than tensors and plain things, which is not read: {error}. Delete it to "
    "start from the beginning."
)
GOES_ON = (
    "No checkpoint could be written to {folder!r}: {error}. Training goes on; after a kill {kept} "
    "there."
)
NOT_KEPT = (
    "A checkpoint keeps numbers, strings, tensors, lists and dicts of callbacks, but not {what}: "
    "after a kill these start as in a new fit. Give the callback the methods state_dict and "
    "load_state_dict to keep all of it."
)


@contextmanager
def checkpoint_of(clf):
    """A `Checkpoint` for a fit of a classifier, or None; the file is gone when it has ended well.

    A classifier without a `random_state` takes the seed of the fit that it goes on with.
    """
    if clf.checkpoint is None:
        yield None
        return
    with KeptFolder(clf.checkpoint) as folder:
        checkpoint = Checkpoint(folder)
        if clf.random_state is None and checkpoint.header is not None:
            clf._kept_seed = checkpoint.header["seed"]
        try:
            yield checkpoint
        finally:
            vars(clf).pop("_kept_seed", None)
        folder.remove(NAME)


class Checkpoint:
    """The file of a fit and, if there was one, what a killed process has left in it.

    Parameters
    ----------
    folder : KeptFolder

    Attributes
    ----------
    header : dict or None
        What fit it is that the file holds.
    """

    def __init__(self, folder):
        self.folder, self.header, self.state, self.stream = folder, None, None, None
        self.took, self.last, self.proven, self.warned = [], time.perf_counter(), False, False
        if content := folder.read(NAME):
            header, self.content = content.split(b"\n", 1)
            self.header = json.loads(header)

    def join(self, clf, training, stream=None, digest=None):
        """Keep this training from now on.

        Parameters
        ----------
        clf : MutualInfoClassifier
        training : Training
        stream : RowStream, default=None
            Where batches come from, if not from memory.
        digest : int, default=None
            Of all of its rows.

        Raises
        ------
        ValueError
            If the file is that of another.
        """
        self.stream, identity = stream, identity_of(clf, training)
        if stream is not None:
            identity["the rows of X, or their order"] = f"{digest:x}"
        if self.header is not None:
            self._refuse_another(identity)
            self.state = self._read()
            del self.content
        self.header = {"seed": clf._seed, "identity": identity}
        training.checkpoint = self

    def _read(self):
        try:
            return from_bytes(self.content)
        except NotPlain as error:
            raise ValueError(NOT_OURS.format(path=self.path, error=error)) from error

    def _refuse_another(self, identity):
        if what := differences(self.header["identity"], identity):
            told = {"folder": str(self.folder.folder), "path": self.path}
            raise ValueError(OTHER_FIT.format(what=", ".join(what), **told))

    @property
    def path(self):
        """Of the file."""
        return self.folder.folder / NAME

    def start(self, losses):
        """Let the loss that was in training remember what it did.

        Returns
        -------
        number, n_iter : int
            Of that loss, and epochs of those before.
        """
        if self.state is None:
            return 0, 0
        set_loss_state(losses[self.state["stage"]], self.state["training"])
        return self.state["stage"], self.state["n_iter"]

    def begin(self, net, generator):
        """Put a net where the file says, or see whether there is room for what is to come.

        Returns
        -------
        ended : bool
            Whether its training was over.
        """
        state, self.state = self.state, None
        if state is not None:
            set_training_state(net, generator, state["training"])
            n_epochs = state["n_iter"] + len(net.history)
            LOG.info("checkpoint: going on after epoch %d, in %s", n_epochs, self.folder.folder)
            if self.stream is not None and not state["ended"]:
                self.stream.start = state["stream"]
            return state["ended"]
        if not self.took:
            self._probe(net, generator)
        return False

    def _probe(self, net, generator):
        if attributes := not_kept(net):
            warn(NOT_KEPT.format(what=", ".join(attributes)), CheckpointWarning)
        start = time.perf_counter()
        try:
            self.folder.probe(self._content(net, generator, {}))
        except NotPlain as error:
            self._warn(error)
        self._took(start)

    def save(self, net, generator, **place):
        """Keep how things stand if it is time; at the end of a loss it is so sooner.

        What a file usually takes decides, for a disk may be busy with others for once.

        Parameters
        ----------
        net : MemberNet
        generator : torch.Generator
        **place
            "stage", "n_iter" before it, and whether it has "ended".
        """
        start = time.perf_counter()
        least = 0 if place["ended"] else SECONDS_BETWEEN
        if start - self.last < max(least, median(self.took or [0]) / MOST_SHARE):
            return
        try:
            self.folder.write(NAME, self._content(net, generator, place))
        except (OSError, NotPlain) as error:
            self._warn(error)
        self._took(start)

    def _content(self, net, generator, place):
        stream = self.stream and self.stream.place
        content = to_bytes({**place, "stream": stream, "training": training_state(net, generator)})
        if place and not self.proven:  # for an optimiser remembers nothing at first
            from_bytes(content)
            self.proven = True
        return json.dumps(self.header).encode() + b"\n" + content

    def _took(self, start):
        self.last = time.perf_counter()
        self.took.append(self.last - start)

    def _warn(self, error):
        if not self.warned:
            kept = "what was kept before is" if self.path.exists() else "nothing is"
            told = {"folder": str(self.folder.folder), "error": error, "kept": kept}
            warn(GOES_ON.format(**told), CheckpointWarning)
        self.warned = True
