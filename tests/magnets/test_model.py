"""A film as a table in m: exact where it can be, with the residual that is said, and what it refuses."""

import numpy as np
import pytest
from boltzmann_films import bilayer
from magnet_tables import directions

import spinstack as ss
from spinstack.observables.registry import arrays

NM, MU0 = 1e-9, 4e-7 * np.pi
FACE = ss.Interface(conductance_up=6e14, conductance_down=4e14, mixing_conductance=6e14 + 1e14j)


def metal(name="Pt", theta=0.1, sigma=4e6, t=5 * NM):
    return ss.Metal(name, thickness=t, conductivity=sigma, spin_diffusion_length=2 * NM, spin_hall_angle=theta)


def magnet(name="Co", t=NM, **given):
    return ss.Ferromagnet(
        name, thickness=t, conductivity=3e6, polarization=0.4, spin_diffusion_length=8 * NM, dephasing_length=0.7 * NM,
        **given,
    )  # fmt: skip


def spin(name="Co", **given):
    return ss.Macrospin(name, **{"magnetization": 1.1e6, "effective_magnetization": 0.5, "damping": 0.02} | given)


BILAYER = metal() | FACE | magnet()
VALVE = metal() | FACE | magnet() | FACE | metal("Cu", 0.0, 3e7, 2 * NM) | FACE | magnet("Py", 3 * NM)


def test_the_table_is_the_film_at_directions_it_was_not_made_of():
    film = metal() | FACE | magnet(amr_ratio=0.01, anomalous_hall_angle=0.01)
    model = ss.MagneticModel(film, [spin()], oersted=False, tolerance=1e-6)
    m = directions(np.random.default_rng(4), 30)
    table, at = model.table, {"m": {"Co": m}}
    R = np.asarray(ss.sheet_resistance(film, **at))
    for k in range(2):
        T = np.zeros((30, 3))
        share = np.zeros((30, 3, 2))
        for j, E in enumerate(np.eye(2)):
            # of the field R K that a current along x or y makes
            T += np.asarray(arrays(ss.torque)(film, **at, E=E)["Co"]) * R[:, j, k, None]
            share += np.asarray(arrays(ss.layer_currents)(film, **at, E=E)["sheet_current"]) * R[:, j, k, None, None]
        found = table.turning(m[:, None])[:, 0, :, k] * 1.1e6 * NM
        assert np.abs(found + T).max() < 2e-6 * np.abs(T).max()  # T is on angular momentum
        assert np.abs(table.currents(m[:, None])[..., k] - share).max() < 2e-6
        np.testing.assert_allclose(table.currents(m[:, None])[..., k].sum(1), np.tile(np.eye(2)[k], (30, 1)), atol=2e-6)
    assert np.abs(table.resistance(m[:, None]) - R).max() < 2e-6 * np.abs(R).max()


def test_without_what_depends_on_the_direction_degree_two_is_exact():
    # the torque per field of a bilayer has degree 2; per current, too, where the resistance does not depend on m
    model = ss.MagneticModel(metal(theta=1e-5) | FACE | magnet(), [spin()], oersted=False, degree=2)
    assert model.table.turning.residual < 1e-9
    film = ss.MagneticModel(BILAYER, [spin()], tolerance=1e-9)
    assert film.residual < 1e-9
    assert film.table.turning.degree in (4, 6)


def test_a_tolerance_that_no_degree_keeps_is_refused_with_what_is_off():
    with pytest.raises(ss.ParameterError) as found:
        ss.MagneticModel(BILAYER, [spin()], degree=1).table  # noqa: B018
    assert (found.value.field, found.value.got) == ("tolerance", 1e-4)
    assert "degree 1" in found.value.why
    assert "turning" in found.value.why
    loose = ss.MagneticModel(BILAYER, [spin()], degree=1, tolerance=2.0)
    assert 0.01 < loose.residual < 2


@pytest.mark.parametrize("where", ["below", "above", "both"])
def test_the_field_of_the_currents_is_that_of_the_sheets_below_and_above(where):
    layers = {
        "below": metal(theta=0.0) | magnet(),
        "above": magnet() | metal(theta=0.0),
        "both": metal(theta=0.0) | magnet() | metal("Cu", 0.0, 3e7, 2 * NM),
    }
    table = ss.MagneticModel(layers[where], [spin()], tolerance=1e-9).table
    conductances = {"Pt": 4e6 * 5 * NM, "Co": 3e6 * NM, "Cu": 3e7 * 2 * NM}
    names = {"below": ["Pt", "Co"], "above": ["Co", "Pt"], "both": ["Pt", "Co", "Cu"]}[where]
    share = np.array([conductances[n] for n in names]) / sum(conductances[n] for n in names)
    k = names.index("Co")
    net = share[:k].sum() - share[k + 1 :].sum()
    m = directions(np.random.default_rng(8), 5)[:, None]
    # 1 A/m along x below makes (mu0/2) x times z = -(mu0/2) y at the magnet
    np.testing.assert_allclose(table.oersted(m)[:, 0, :, 0], np.tile([0, -MU0 / 2 * net, 0], (5, 1)), atol=1e-18)
    np.testing.assert_allclose(table.oersted(m)[:, 0, :, 1], np.tile([MU0 / 2 * net, 0, 0], (5, 1)), atol=1e-18)
    # without spin currents that is all: L = B x m
    turning = np.cross(np.moveaxis(table.oersted(m), -1, 0), m)
    np.testing.assert_allclose(np.moveaxis(table.turning(m), -1, 0), turning, atol=1e-15)


def test_two_magnets_that_move_and_one_that_is_held():
    m = directions(np.random.default_rng(5), 2, 2)
    both = ss.MagneticModel(VALVE, [spin(), spin("Py")], tolerance=1e-3)
    for one, other in ((0, 1), (1, 0)):
        for k in range(2):
            held = ss.MagneticModel(VALVE, [spin(both.names[one])], {both.names[other]: m[k, other]}, tolerance=1e-6)
            a, b = held.table.turning(m[k : k + 1, one : one + 1])[0, 0], both.table.turning(m[k : k + 1])[0, one]
            assert np.abs(a - b).max() < 3e-3 * np.abs(a).max()
    # given the other way round, they are numbered the other way round
    turned = ss.MagneticModel(VALVE, [spin("Py"), spin()], tolerance=1e-3)
    a, b = turned.table.turning(m[:, ::-1]), both.table.turning(m)[:, ::-1]
    assert np.abs(a - b).max() < 2e-3 * np.abs(b).max()
    assert turned.names == ("Py", "Co")


def test_either_theory_gives_its_own_table():
    solver, m = ss.Boltzmann(rtol=1e-3), directions(np.random.default_rng(6), 1)
    film = bilayer(rashba=0.0)
    tables = {}
    for one in (solver, ss.DriftDiffusion()):
        model = ss.MagneticModel(film, [spin("F")], oersted=False, tolerance=1e-2, solver=one)
        T = arrays(ss.torque)(film, m={"F": m}, solver=one)["F"][0]
        R = np.asarray(ss.sheet_resistance(film, m={"F": m}, solver=one))[0]
        tables[one] = model.table.turning(m[:, None])[0, 0, :, 0] * 1.1e6 * 4 * NM
        assert np.abs(tables[one] + T * R[0, 0]).max() < 2e-2 * np.abs(T * R[0, 0]).max()
    a, b = tables.values()
    assert np.abs(a - b).max() > 0.1 * np.abs(b).max()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"magnets": []}, "magnets"),
        ({"magnets": "Co"}, "magnets"),
        ({"magnets": [spin("Ni")]}, "magnets"),
        ({"magnets": [spin(), spin()]}, "magnets"),
        ({"others": {}}, "others"),
        ({"others": {"Co": "x"}}, "others"),
        ({"others": {"Pt": "x"}}, "others"),
        ({"others": {"Py": (0, 0, 0)}}, "others['Py']"),
        ({"others": "x"}, "others"),
        ({"couplings": [ss.InterlayerExchange("Co", "Ni")]}, "second"),
        ({"couplings": [ss.InterlayerExchange("Co", "Co")]}, "second"),
        ({"couplings": "Co"}, "couplings"),
        ({"degree": -1}, "degree"),
        ({"degree": 13}, "degree"),
        ({"degree": "two"}, "degree"),
        ({"tolerance": 0.0}, "tolerance"),
        ({"oersted": "yes"}, "oersted"),
        ({"B": (0, 1)}, "B"),
    ],
)
def test_what_does_not_fit_the_film_is_refused(given, field):
    with pytest.raises(ss.ParameterError) as found:
        ss.MagneticModel(VALVE, **{"magnets": [spin()], "others": {"Py": "x"}} | given)
    assert field in [one.field for one in found.value.errors]


def test_a_batch_of_films_and_an_insulator_without_thickness_are_refused():
    with pytest.raises(ss.ParameterError):
        ss.MagneticModel(metal(theta=np.array([0.1, 0.2])) | FACE | magnet(), [spin()])
    insulator = ss.MagneticInsulator("YIG", mixing_conductance=1e14) | metal()
    with pytest.raises(ss.ParameterError) as found:
        ss.MagneticModel(insulator, [spin("YIG", magnetization=1.4e5)])
    assert (found.value.where, found.value.field) == ("Macrospin('YIG')", "thickness")
    assert ss.MagneticModel(insulator, [spin("YIG", magnetization=1.4e5, thickness=20 * NM)]).moments == pytest.approx(
        [1.4e5 * 20 * NM]
    )


def test_a_coupling_acts_on_both_that_move_and_on_one_beside_one_that_is_held():
    coupling = ss.InterlayerExchange("Co", "Py", bilinear=-1e-4, biquadratic=-2e-5)
    both = ss.MagneticModel(VALVE, [spin(), spin("Py", magnetization=8e5)], couplings=[coupling]).landscape
    np.testing.assert_array_equal(both.bilinear, [[0, -1e-4], [-1e-4, 0]])
    np.testing.assert_array_equal(both.biquadratic, [[0, -2e-5], [-2e-5, 0]])
    held = ss.MagneticModel(VALVE, [spin()], {"Py": "y"}, [coupling]).landscape
    np.testing.assert_array_equal(held.bilinear, [[0, -1e-4]])
    with pytest.raises(ss.ParameterError, match="twice"):
        ss.MagneticModel(VALVE, [spin()], {"Py": "y"}, [coupling, coupling])
