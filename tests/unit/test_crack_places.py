"""Where a seed lies and how it stands, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from deadlight.crack.pane_shape import PaneShape
from deadlight.crack.seed import Corner, EdgeThrough, Place, Surface, Through
from deadlight.errors import InputError

BOX = PaneShape(thickness=0.01, lip_inset=0.02, half_sizes=(0.3, 0.2))
AT = Place(inside_lip=0.0)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "needs a position or"),
        ({"inside_lip": 0.0, "position": (0.0, 0.0)}, "needs a position or"),
        ({"inside_lip": 0.0, "face": "top"}, 'face "top"'),
        ({"inside_lip": 0.0, "plane": "across"}, 'plane "across"'),
    ],
)
def test_a_place_that_is_none_is_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        Place(**given)
    assert Place(inside_lip=0.0, face="inner", plane="hoop").plane == "hoop"


@pytest.mark.parametrize("wrong", [0.0, -1e-3, math.nan, math.inf])
@pytest.mark.parametrize(
    "make",
    [
        lambda v: Through(two_c=v, place=AT),
        lambda v: EdgeThrough(depth=v, place=AT),
        lambda v: Surface(a=v, c=1e-3, place=AT),
        lambda v: Surface(a=1e-3, c=v, place=AT),
        lambda v: Corner(a=v, c=1e-3, place=AT),
        lambda v: Corner(a=1e-3, c=v, place=AT),
    ],
)
def test_a_length_that_is_none_is_refused(make: Any, wrong: float) -> None:
    with pytest.raises(InputError, match=f"= {wrong:g} m"):
        make(wrong)


def test_the_middle_lies_along_the_azimuth_inside_the_lip() -> None:
    """Towards the upper side of a box 0.4 m high: 0.2 - 0.02 - 0.03; a position is taken as it is."""
    np.testing.assert_allclose(Place(inside_lip=0.03, azimuth=0.5 * math.pi).centre(BOX), [0.0, 0.15], atol=1e-12)
    np.testing.assert_allclose(Place(inside_lip=-0.01, azimuth=math.pi).centre(BOX), [-0.29, 0.0], atol=1e-12)
    np.testing.assert_allclose(Place(position=(0.1, -0.05)).centre(BOX), [0.1, -0.05])


@pytest.mark.parametrize(
    ("place", "degrees"),
    [
        (Place(inside_lip=0.0, azimuth=math.radians(40.0)), 40.0),
        (Place(inside_lip=0.0, azimuth=math.radians(40.0), plane="hoop"), 130.0),
        (Place(inside_lip=0.0, azimuth=math.radians(40.0), plane="angle", angle=math.radians(25.0)), 65.0),
        (Place(position=(0.1, 0.1)), 45.0),
        (Place(position=(-0.1, 0.1), plane="hoop"), 225.0),
        (Place(position=(0.0, 0.1), azimuth=0.3), 90.0),
        (Place(position=(0.0, 0.0), azimuth=math.radians(20.0)), 20.0),  # no radius in the middle: the azimuth
    ],
)
def test_the_line_stands_to_the_radius_through_its_middle(place: Place, degrees: float) -> None:
    angle = math.radians(degrees)
    np.testing.assert_allclose(place.direction(BOX), [math.cos(angle), math.sin(angle)], atol=1e-12)
