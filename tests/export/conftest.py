import pytest


@pytest.fixture(scope="session")
def table():
    from exported import mixed_table

    return mixed_table()


@pytest.fixture(scope="session")
def fitted(table):
    """A fit with its companions."""
    from exported import fit

    return fit(*table, max_iter=10)
