import pytest

from ontologies.hockey import field
from simulation.demo import demo_play
from simulation.looks import demo_look
from simulation.staging import arena_of


@pytest.fixture(scope="session")
def rink():
    return field("nhl")


@pytest.fixture(scope="session")
def play(rink):
    return demo_play(rink)


@pytest.fixture(scope="session")
def look():
    return demo_look()


@pytest.fixture(scope="session")
def arena(rink, look):
    return arena_of(rink, look)
