"""Odd things in the place of a parameter: taken for the number that they are, or refused by the field's name."""

import copy
import pickle

import numpy as np
import pytest
from odd_values import ARRAYS, NO_NUMBERS, NUMBERS, Quantity, labelled
from plain_films import bilayer, contact, ferromagnet, metal

import spinstack as ss

MAKE = {
    "thickness": metal, "spin_hall_angle": metal, "polarization": ferromagnet, "mixing_conductance": contact,
}  # fmt: skip


@pytest.mark.parametrize("bad", NO_NUMBERS)
@pytest.mark.parametrize("field", MAKE)
def test_what_is_no_number_is_refused_by_name(field, bad):
    if field == "mixing_conductance" and bad.startswith("complex"):
        assert MAKE[field](**{field: NO_NUMBERS[bad]}).mixing_conductance == 0.1
        return
    with pytest.raises(ss.ParameterError) as caught:
        MAKE[field](**{field: NO_NUMBERS[bad]})
    assert caught.value.field == field
    assert "Allowed: " in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("kind", NUMBERS)
@pytest.mark.parametrize("field", ["thickness", "mixing_conductance"])
def test_one_number_of_any_kind(field, kind):
    value, number = NUMBERS[kind]
    found = getattr(MAKE[field](**{field: value}), field)
    assert type(found) is (float if field == "thickness" else complex)
    assert found == number


@pytest.mark.parametrize("kind", ARRAYS)
@pytest.mark.parametrize("field", ["thickness", "mixing_conductance"])
def test_arrays_of_any_kind_are_batches_that_nobody_changes(field, kind):
    value, numbers = ARRAYS[kind]
    found = getattr(MAKE[field](**{field: value}), field)
    assert found.tolist() == numbers
    with pytest.raises(ValueError, match="read-only"):
        found[0] = -1.0


@pytest.mark.parametrize("of", [Quantity, labelled])
def test_a_unit_of_its_own_must_be_the_one_that_is_asked_for(of):
    assert metal(thickness=of(5e-9, "m")).thickness == 5e-9
    assert metal(thickness=of(5e-9, "meter")).thickness == 5e-9
    assert metal(conductivity=of(4e6, "S/m")).conductivity == 4e6
    for unit in ("nm", "S/m", "furlong", "dimensionless"):
        with pytest.raises(ss.ParameterError, match=rf"thickness.*which is in '{unit}'; numbers here are SI"):
            metal(thickness=of(5.0, unit))
    for given in ({"B": of([0, 0, 1.0], "mT")}, {"T": of(5.0, "degC")}, {"B": of([0, 0, 1.0], "K")}):
        with pytest.raises(ss.ParameterError, match=rf"^{next(iter(given))}: got .*which is in "):
            ss.sheet_conductance(bilayer(), m="y", **given)


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda film: pickle.loads(pickle.dumps(film))], ids=["copy", "deep", "pickle"]
)
def test_a_copied_film_is_the_same_film(copied):
    film = bilayer().replace({"Pt.thickness": np.array([1e-9, 2e-9])})
    again = copied(film)
    assert again == film
    assert again.parameters().keys() == film.parameters().keys()
    with pytest.raises(ss.ParameterError, match="thickness"):
        again.replace({"Pt.thickness": -1.0})


def test_a_kind_of_element_of_ones_own_is_what_it_is_derived_from():
    class Platinum(ss.Metal):
        """A metal of somebody's own."""

    class Permalloy(ss.Ferromagnet):
        """A magnet of somebody's own."""

    own = [kind(one.name, **one.parameters) for kind, one in ((Platinum, metal()), (Permalloy, ferromagnet()))]
    np.testing.assert_array_equal(
        ss.sheet_conductance(own[0] | contact() | own[1], m="y"), ss.sheet_conductance(bilayer(), m="y")
    )


def test_copies_can_be_changed_as_little_as_what_was_made():
    film = ss.Film((ss.Metal("Pt", thickness=np.array([1e-9, 2e-9]), conductivity=4e6, spin_diffusion_length=2e-9),))
    for one in (copy.copy(film), copy.deepcopy(film), pickle.loads(pickle.dumps(film))):
        with pytest.raises(ValueError, match="read-only"):
            one[0].thickness[0] = -1.0
        assert one == film
