"""What all tests share: one torch thread, a torch generator that no test inherits, brief fits."""

import contextlib

import pytest

# Fixtures import what they need: the process that hands out the tests loads this file, and no more.
# No doctests are looked for in these files, all of which are modules of one name.
collect_ignore_glob = ["*conftest.py"]
ALL_FOLDS = "test_auto_folds", "test_docs", "test_fit"  # some of other processes


@pytest.fixture(scope="session", autouse=True)
def one_torch_thread():
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="module", autouse=True)
def five_folds(request):
    """For time, "auto" is five folds of small tables too, where folds are not what is tested."""
    from sklearn_mi._engine import _members

    with pytest.MonkeyPatch.context() as patch:
        if request.module.__name__.split(".")[-1] not in ALL_FOLDS:
            patch.setattr(_members, "FOLDS", (5, 5))
        yield


@pytest.fixture(autouse=True)
def seeded_torch():
    """Every test draws from the same seed, whichever tests ran before it."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)  # at no cost for GPUs that wait
        yield


@pytest.fixture
def few_trees():
    import brief_fits

    with brief_fits.few_trees():
        yield


@pytest.fixture
def brief_searches():
    import brief_fits

    with brief_fits.brief_searches():
        yield


@pytest.fixture
def forked():
    """Processes that `n_jobs` asks for are forked, where they can be: all is loaded already.

    CUDA cannot be forked: pass ``device="cpu"``.
    """
    import joblib

    with joblib.parallel_config("multiprocessing"):
        assert joblib.effective_n_jobs(2) == 2
        yield


@pytest.fixture
def torch_left_alone():
    """A context in which torch's global random state and thread count must not change."""
    import torch

    @contextlib.contextmanager
    def check():
        state, n_threads = torch.get_rng_state(), torch.get_num_threads()
        yield
        assert torch.equal(torch.get_rng_state(), state)
        assert torch.get_num_threads() == n_threads

    return check


@pytest.fixture(scope="module")
def iris():
    from sklearn.datasets import load_iris

    return load_iris(return_X_y=True)
