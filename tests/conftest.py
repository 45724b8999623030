"""Fixtures shared by the tests."""
import os

import pytest


@pytest.fixture(scope="session")
def mnist():
    """MNIST itself, from the folder that AEBOOK_DATA names; never a stand-in, never the network."""
    if not os.path.isdir(os.path.join(os.environ.get("AEBOOK_DATA", ""), "mnist")):
        pytest.skip("MNIST absent: set AEBOOK_DATA")
    from aebook import data
    return data.load("mnist")
