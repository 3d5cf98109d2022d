"""What follows from a tunnel junction by hand, against the film of a thin valve."""

import pytest
from plain_films import X, Z, ferromagnet, metal

import spinstack as ss
from spinstack.facts.junctions import junction_facts


def test_resistances_and_magnetoresistance_are_those_that_the_film_has():
    lower, upper = (ferromagnet(name, thickness=1e-17) for name in "AB")
    barrier = ss.TunnelJunction("MgO", resistance_area_product=2.4e-12, polarization=0.6, polarization_upper=0.3)
    film = lower | barrier | upper
    (found,) = junction_facts(metal() | film).values()
    for value, m in ((found.parallel, Z), (found.perpendicular, X), (found.antiparallel, -Z)):
        assert value == pytest.approx(ss.perpendicular_resistance(film, m={"A": Z, "B": m}), rel=1e-7)
    assert found.parallel == 2.4e-12
    assert found.tmr == pytest.approx(found.antiparallel / found.parallel - 1, rel=1e-12)
    assert 2 * found.conductance == pytest.approx(1 / found.parallel + 1 / found.antiparallel, rel=1e-12)


def test_both_sides_are_alike_unless_told():
    film = ferromagnet() | ss.TunnelJunction("MgO", resistance_area_product=1e-12, polarization=0.5) | ferromagnet("B")
    assert junction_facts(film)[1].tmr == pytest.approx(0.5 / 0.75, rel=1e-12)
    assert junction_facts(ferromagnet() | metal()) == {}
