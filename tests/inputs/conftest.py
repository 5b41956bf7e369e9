"""What the tests of odd arguments share beside `odd_arguments.py`."""

import pytest
from odd_arguments import X, Y, make


@pytest.fixture(scope="module")
def usual():
    """A fit of the usual arguments, with which odd ones are compared or that is asked oddly."""
    return make().fit(X, Y)
