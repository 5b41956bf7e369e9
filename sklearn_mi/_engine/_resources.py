"""What a fit borrows from the machine and from torch: device, threads, random state."""

import contextlib
import os
import threading
import time
from pathlib import Path

import torch

# Multiply-adds of a training step that keep one more thread busy. On an idle machine less would
# do, but where other processes want the cores, threads that wait for each other cost far more
# (a factor of five was measured) than the second one gains.
WORK_PER_THREAD = 40_000_000
LOAD = Path("/proc/loadavg")  # its fourth word is how many threads of the machine run just now

# Dropout and initial weights draw from the global generators of torch, which threads share.
BORROWED = threading.RLock()
FORKED = False

SWITCHING, SWITCHES, REPEATING = threading.Lock(), contextlib.ExitStack(), 0


def _after_fork():
    """One thread in a forked child: those that the parent's pools wait for did not come along."""
    global BORROWED, FORKED
    BORROWED, FORKED = threading.RLock(), True  # a thread that is gone may have held the old one
    torch.set_num_threads(1)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def resolve_device(device):
    """Turn ``"auto"``, a name or a torch.device into a torch.device that can be used.

    Raises
    ------
    ValueError
        If the name is unknown, or the device is not available on this machine.
    """
    if isinstance(device, str) and device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        resolved = torch.device(device)
        torch.empty(0, device=resolved).cpu()  # "meta" has no values to bring back
    except Exception as error:  # which differ from device to device
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise ValueError(
            f"device={device!r} is not available: {reason} "
            'Use "auto", "cpu", or a torch device that this machine has.'
        ) from error
    return resolved


def answering_device(device):
    """The torch.device that a stored model answers on: the CPU where this machine lacks its own."""
    try:
        return resolve_device(device)
    except ValueError:
        return torch.device("cpu")


def to_device(X, device):
    """An array as a tensor; in single precision where a device has no doubles."""
    X = torch.as_tensor(X)
    single = X.dtype == torch.float64 and torch.device(device).type == "mps"
    return X.to(device, torch.float32 if single else X.dtype)


def resolve_threads(n_threads, module, n_rows):
    """How many torch threads to work with.

    Parameters
    ----------
    n_threads : int or "auto"
        "auto" takes as many as the work of a step keeps busy and as there are idle cores for, one,
        two or four: in trials these gave the same digits, while three changed the order of
        summation. Inside joblib's workers torch sees only the cores left to the worker. A forked
        process works with one, whatever it is told.
    module : nn.Module
        Every parameter of which meets every row once, more or less, or, in networks for images,
        every one of its `n_positions`.
    n_rows : int
        Rows of a step.
    """
    if FORKED:
        return 1
    if n_threads != "auto":
        return int(n_threads)
    n_rows = n_rows * getattr(module, "n_positions", 1)
    work = n_rows * sum(parameter.numel() for parameter in module.parameters())
    most, chosen = min(torch.get_num_threads(), 4, work // WORK_PER_THREAD), 1
    if most > 1:
        most = min(most, _idle_cores())
    while 2 * chosen <= most:
        chosen *= 2
    return chosen


def has_room_for_a_thread():
    """Whether this process may use a second core; joblib's workers often may not."""
    return not FORKED and torch.get_num_threads() > 1


def _idle_cores():
    """Cores for this thread and its helpers that nobody works on; all where none can tell."""
    try:
        running = min(map(_running, range(3)))
    except (OSError, ValueError, IndexError):  # of other systems than Linux
        return os.cpu_count()
    return os.cpu_count() - (running - 1)


def _running(_):
    time.sleep(1e-3)  # for who has just done something for this process to fall asleep
    return int(LOAD.read_text().split()[3].split("/")[0])


@contextlib.contextmanager
def torch_threads(n_threads):
    """Run with `n_threads` torch threads and restore the setting."""
    before = torch.get_num_threads()
    torch.set_num_threads(n_threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextlib.contextmanager
def repeatable(device):
    """Convolutions on CUDA that give the same digits again, in single precision.

    By default cuDNN adds up in any order and rounds what it multiplies to ten bits. The switches
    are those of the process: the last thread to leave puts them back.
    """
    global REPEATING
    if device.type != "cuda":
        yield
        return
    with SWITCHING:
        if not REPEATING:
            SWITCHES.enter_context(_exact_convolutions())
        REPEATING += 1
    try:
        yield
    finally:
        with SWITCHING:
            REPEATING -= 1
            if not REPEATING:
                SWITCHES.close()


@contextlib.contextmanager
def _exact_convolutions():
    cudnn = torch.backends.cudnn
    switches = [(cudnn, "deterministic", True), (cudnn, "benchmark", False)]
    if hasattr(cudnn, "conv"):  # since 2.9, which refuses to be asked in the old way
        switches += [(kind, "fp32_precision", "ieee") for kind in (cudnn.conv, cudnn.rnn)]
    else:
        switches.append((cudnn, "allow_tf32", False))
    before = [getattr(owner, name) for owner, name, _ in switches]
    try:
        for owner, name, value in switches:
            setattr(owner, name, value)
        yield
    finally:
        for (owner, name, _), value in zip(switches, before, strict=True):
            setattr(owner, name, value)


@contextlib.contextmanager
def trainable():
    """Tensors that can be trained, also where the caller has switched that off."""
    with torch.inference_mode(False), torch.enable_grad():
        yield


@contextlib.contextmanager
def seeded(seed, device):
    """Seed torch for a while and leave its global generators as they were; gives a generator.

    One thread at a time, the others wait: random numbers would depend on who comes first.
    Parameters that are made meanwhile are float32.
    """
    devices = [device] if device.type == "cuda" else []
    with BORROWED, torch.random.fork_rng(devices=devices), _single_precision():
        torch.default_generator.manual_seed(seed)  # `torch.manual_seed` would seed every GPU
        if devices:
            with torch.cuda.device(device):
                torch.cuda.manual_seed(seed)
        yield torch.Generator(device).manual_seed(seed)


def random_state(device):
    """Where the global generator of a device stands."""
    return torch.cuda.get_rng_state(device) if device.type == "cuda" else torch.get_rng_state()


def set_random_state(state, device):
    """Let it go on from there, inside of `seeded`."""
    if device.type == "cuda":
        torch.cuda.set_rng_state(state, device)
    else:
        torch.set_rng_state(state)


@contextlib.contextmanager
def _single_precision():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float32)
    try:
        yield
    finally:
        torch.set_default_dtype(before)
