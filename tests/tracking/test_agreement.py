"""Pieces of tracks on which both directions of time agree."""

import numpy as np
from scenes import AWAY, HOME

from tracking.association import Association, Sightings, agreed, associate
from tracking.teams import scaled

TIMES = np.arange(90) / 30.0
HALF = np.array([8.0, 36.0, 8.0, 0.0])


def seen(people, noise=0.1):
    """Sightings of people, each (steps, path(t), score(t), kit), and who each is of."""
    rng = np.random.default_rng(4)
    rows = sorted((int(k), who) for who, (steps, *_) in enumerate(people) for k in steps)
    who = np.array([one for _, one in rows])
    at = np.array([people[one][1](TIMES[k]) for k, one in rows]) + rng.normal(0, noise, (len(rows), 2))
    feet = at * (20, -20) + (640, 360)
    boxes = np.hstack([feet - HALF[:2], feet + HALF[2:]])
    scores = np.array([people[one][2](TIMES[k]) for k, one in rows])
    kits = scaled(np.array([people[one][3] for _, one in rows], float))
    own = np.tile(noise**2 * np.eye(2), (len(rows), 1, 1))
    return Sightings(np.array([k for k, _ in rows]), at, own, boxes, scores, kits, np.ones(len(rows))), who


def still(sightings):
    return lambda step, states, last: sightings.boxes[last]


def labels(people, how=agreed, **settings):
    sightings, who = seen(people)
    return how(TIMES, sightings, Association(**settings), still(sightings)), who


def sure(t):
    return 0.9


def test_people_apart_are_one_piece_each():
    people = [(range(90), lambda t, y=y: (2 * t, y), sure, HOME) for y in (-4, 0, 4)]
    found, who = labels(people)
    assert sorted(set(zip(found.tolist(), who.tolist(), strict=True))) == [(0, 0), (1, 1), (2, 2)]


def test_where_one_is_hidden_while_they_turn_the_directions_disagree_and_pieces_stay_pure():
    """Two alike run at each other; one is unseen as they meet, and both turn back instead of passing."""

    def back(side):
        return lambda t: (side * (0.3 + 3.0 * abs(t - 1.5)), 0.1 * side)

    steps = [k for k in range(90) if not 38 <= k <= 54]
    people = [(range(90), back(-1), sure, HOME), (steps, back(1), sure, HOME)]
    forwards, who = labels(people, associate)
    mixed = [name for name in set(forwards) if name >= 0 and len(set(who[forwards == name])) > 1]
    assert mixed
    found, who = labels(people)
    shares = [np.bincount(who[found == name]).max() / (found == name).sum() for name in set(found) if name >= 0]
    assert min(shares) > 0.9
    assert (found >= 0).mean() > 0.8


def test_a_weak_sighting_that_one_direction_took_counts_only_where_nobody_else_is():
    weak = lambda t: 0.9 if t < 2.5 else 0.2  # noqa: E731
    person = (range(90), lambda t: (0.0, 0.0), weak, HOME)
    alone, _ = labels([person], low_s=1.0)
    assert (alone == 0).mean() > 0.95
    beside = (range(90), lambda t: (0.3, 0.1), sure, AWAY)
    found, who = labels([person, beside], low_s=1.0)
    assert (found[who == 0][-14:] == -1).mean() > 0.9
    assert (found[who == 1] >= 0).mean() > 0.9


def test_nothing_seen_gives_nothing():
    found, _ = labels([(range(0), lambda t: (0, 0), sure, HOME), (range(3), lambda t: (0, 0), lambda t: 0.2, HOME)])
    assert (found == -1).all()
