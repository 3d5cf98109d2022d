"""Named coefficients of an interface and the atlas of drives: closed forms, the circuit element, meanings."""

import numpy as np
import pytest
from plain_films import KF, barrier
from reference_analytic_barrier import mixing_conductances, transmission

import spinstack as ss
from spinstack.circuit import element_matrix
from spinstack.figures import scattering as figures
from spinstack.scattering.atlas import atlas
from spinstack.scattering.coefficients import MEANING
from spinstack.scattering.response import mean_free_path, sharvin_conductance

TILTED = np.array([0.3, -0.5, 0.8]) / np.linalg.norm([0.3, -0.5, 0.8])
PATHS, POLARIZATIONS = (2e-9, 3e-9), (0.1, 0.4)
DIRECTIONS = [(0, 0, 1), (0, 1, 0), (0.3, -0.5, 0.8)]
Z = np.array([[0.0, -1.0], [1.0, 0.0], [0.0, 0.0]])


@pytest.mark.parametrize("m", DIRECTIONS)
def test_conductances_without_spin_orbit_coupling_are_the_closed_forms(m):
    c = barrier(rashba=0.0).coefficients(m, PATHS, POLARIZATIONS)
    G = float(sharvin_conductance(KF))
    average = {u: 1 - u**2 * np.log(1 + 1 / u**2) for u in (0.4 - 0.2, 0.4 + 0.2)}
    assert c["conductance_up"] == pytest.approx(G * average[0.4 - 0.2], rel=1e-9)
    assert c["conductance_down"] == pytest.approx(G * average[0.4 + 0.2], rel=1e-9)
    assert c["conductance_up"] == pytest.approx(G * float(transmission(0.4 - 0.2)), rel=1e-9)
    assert c["area_resistance"] == pytest.approx(1 / (c["conductance_up"] + c["conductance_down"]), rel=1e-14)
    mixing, transmitted = (G * complex(g) for g in mixing_conductances(0.4, 0.2))
    assert c["mixing_conductance"] == pytest.approx(mixing, rel=1e-9)
    assert c["transmitted_mixing_conductance"] == pytest.approx(transmitted, rel=1e-9)
    for name, (unit, _) in MEANING.items():
        if unit in ("S/m", "m") or "memory_loss" in name:
            assert abs(c[name]) < 1e-9, name


def _interface_from(coefficients):
    taken = ("conductance_up", "conductance_down", "mixing_conductance", "transmitted_mixing_conductance")
    return ss.Interface(**{name: coefficients[name].item() for name in taken})


@pytest.mark.parametrize("m", DIRECTIONS)
def test_the_circuit_interface_with_these_numbers_is_the_barrier(m):
    b = barrier(rashba=0.0, exchange=0.25)
    metal = ss.Metal("Pt", thickness=5e-9, conductivity=3e6, spin_diffusion_length=2e-9)
    magnet = ss.Ferromagnet("Co", thickness=3e-9, conductivity=4e6, spin_diffusion_length=5e-9, polarization=0.3)
    film = ss.Film([metal, _interface_from(b.coefficients(m)), magnet])
    element = element_matrix(film, 1, m)[:8, :8]
    expected = b.conductance(m)
    np.testing.assert_allclose(element, expected, atol=1e-9 * np.abs(expected).max())


@pytest.mark.parametrize("m", DIRECTIONS)
def test_mixing_conductance_is_what_a_transverse_potential_drives(m):
    b = barrier(rashba=0.1)
    m = np.array(m) / np.linalg.norm(m)
    c, C = b.coefficients(m), b.conductance(m)
    first = np.cross(m, (1.0, 0.2, 0.1))
    first /= np.linalg.norm(first)
    second = np.cross(m, first)
    for name, block in (("mixing_conductance", C[:3, :3]), ("transmitted_mixing_conductance", C[4:7, :3])):
        parts = [(mu @ block @ mu, np.cross(mu, m) @ block @ mu) for mu in (first, second)]
        assert c[name] == pytest.approx(complex(*np.mean(parts, axis=0)), rel=1e-10)
    if abs(m[2]) == 1:
        assert c["mixing_anisotropy"] < 1e-9
    else:
        assert c["mixing_anisotropy"] > 1e-4


def test_spin_memory_loss_is_what_the_sink_misses():
    b = barrier(rashba=0.3)
    C, c = b.conductance(TILTED), b.coefficients(TILTED)
    along = np.append(TILTED, 0)
    # mu_s = m at 0-, both mu_c free in their difference so that no charge flows through
    charge = np.append(np.zeros(3), 1.0)
    drive = np.concatenate([along, np.zeros(4)])
    free = np.concatenate([charge, -charge]) / 2
    drive = drive - free * (C[3] @ drive) / (C[3] @ free)
    currents = C @ drive
    assert abs(currents[3]) < 1e-9 * np.abs(currents).max()
    into, out = along @ currents[:4], along @ currents[4:]
    assert c["spin_memory_loss_parallel"] == pytest.approx(1 - out / into, rel=1e-9)
    assert 1 / np.cosh(c["spin_memory_loss"]) == pytest.approx(out / into, rel=1e-9)
    assert 0.05 < c["spin_memory_loss_parallel"] < 1


def test_without_exchange_the_lattice_takes_all_transverse_spin():
    c = barrier(exchange=0.0, rashba=0.2).coefficients((0, 0, 1))
    assert c["spin_memory_loss_transverse"] == pytest.approx(1.0, rel=1e-12)
    assert c["conductance_up"] == pytest.approx(c["conductance_down"], rel=1e-12)


@pytest.mark.parametrize("m", DIRECTIONS)
def test_generated_spin_currents_are_least_squares_fits(m):
    b = barrier(dresselhaus=0.02)
    m = np.array(m) / np.linalg.norm(m)
    t, c = b.tensors(m, PATHS, POLARIZATIONS), b.coefficients(m, PATHS, POLARIZATIONS)
    turned = np.cross(m, Z.T).T
    damping = np.cross(m, np.cross(Z.T, m)).T
    cases = (
        (t.conductivity[:3], ("filtering_lower", "precession_lower"), (Z, turned)),
        (t.conductivity[4:7], ("filtering_upper", "precession_upper"), (Z, turned)),
        (t.field_accumulation[:3], ("rashba_edelstein_accumulation", "rashba_edelstein_turned"), (Z, turned)),
        (t.torkivity, ("torkivity_damping_like", "torkivity_field_like"), (damping, -turned)),
        (t.lattice_torkivity, ("lattice_torkivity_damping_like", "lattice_torkivity_field_like"), (damping, -turned)),
    )
    rest = 0.0
    for tensor, names, bases in cases:
        matrix = np.stack([basis.ravel() for basis in bases], 1)
        fit, *_ = np.linalg.lstsq(matrix, tensor.ravel(), rcond=None)
        np.testing.assert_allclose([c[n] for n in names], fit, atol=1e-12 * np.abs(tensor).max())
        if names[0].startswith("filtering"):
            rest += ((tensor.ravel() - matrix @ fit) ** 2).sum()
        if names[0].startswith("torkivity"):
            missed = np.linalg.norm(tensor.ravel() - matrix @ fit) / np.linalg.norm(tensor)
            assert c["torkivity_remainder"] == pytest.approx(missed, rel=1e-6, abs=1e-12)
    whole = (t.conductivity[[0, 1, 2, 4, 5, 6]] ** 2).sum()
    assert c["generated_remainder"] == pytest.approx(np.sqrt(rest / whole), rel=1e-6)


def test_coefficients_of_a_batch_are_those_of_its_members():
    rashba = np.array([0.0, 0.05, 0.3])
    many = barrier(rashba=rashba).coefficients(TILTED, PATHS, POLARIZATIONS)
    one = barrier(rashba=0.05).coefficients(TILTED, PATHS, POLARIZATIONS)
    assert set(many) == set(MEANING)
    for name, value in many.items():
        assert value.shape == (3,)
        assert value[1] == pytest.approx(one[name], rel=1e-7, abs=1e-20), name


def test_atlas_at_m_along_z_has_the_entries_of_the_source_and_no_others():
    table = atlas(barrier())
    present = table["mechanism"].values != ""
    potential = np.array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]], dtype=bool)
    field = np.array([[0, 0, 1, 0], [0, 0, 1, 1], [1, 1, 0, 0], [0, 1, 0, 0]], dtype=bool)
    np.testing.assert_array_equal(present[0, :, 0], potential)
    np.testing.assert_array_equal(present[1, :, 0], potential)
    np.testing.assert_array_equal(present[0, :, 1], field)
    # charge and charge-driven filtering are continuous
    np.testing.assert_array_equal(present[2, :3, 0, :3], potential[:3, :3])
    np.testing.assert_array_equal(present[2, :3, 1, :3], field[:3, :3])
    assert not present[2, 3].any()
    assert not present[2, :, :, 3].any()

    def words(quantity, row, drive, column):
        return str(table["mechanism"].sel(quantity=quantity, row=row, drive=drive, column=column).values)

    assert words("accumulation", "y", "in_plane_current", "c") == "Rashba-Edelstein"
    assert words("accumulation", "x", "in_plane_current", "z") == "generalized Rashba-Edelstein"
    assert words("mean_current", "y", "in_plane_current", "c") == "filtering"
    assert words("mean_current", "c", "in_plane_current", "y") == "filtering"
    assert words("current_drop", "x", "in_plane_current", "z") == "precession"
    assert words("current_drop", "z", "accumulation", "z") == "spin memory loss"
    assert words("current_drop", "x", "accumulation", "y") == "circuit theory"
    assert words("mean_current", "c", "accumulation", "c") == "charge conduction"


def test_atlas_without_spin_orbit_coupling_is_circuit_theory():
    table = atlas(barrier(rashba=0.0), TILTED)
    assert not table["value"].sel(drive="in_plane_current").values.any()
    assert set(np.unique(table["mechanism"].values)) == {"", "circuit theory", "charge conduction"}


@pytest.mark.parametrize("direction", [(1, 0), (0, 1)])
def test_atlas_adds_up_to_the_tensors(direction):
    b = barrier(dresselhaus=0.03)
    t = b.tensors(TILTED, PATHS, POLARIZATIONS)
    table = atlas(b, TILTED, direction)
    sigma = [path / float(mean_free_path(1.0, KF)) for path in PATHS]
    lower, upper = (s * np.append(P * TILTED, 1.0) for s, P in zip(sigma, POLARIZATIONS, strict=True))
    by_current, by_potential = (table["value"].sel(drive=d) for d in ("in_plane_current", "accumulation"))
    mean = by_current.sel(quantity="mean_current").values @ (lower - upper)
    drop = by_current.sel(quantity="current_drop").values @ (lower + upper) / 2
    field = np.array(direction)
    expected = t.conductivity @ field
    found = np.concatenate([mean + drop / 2, mean - drop / 2])
    np.testing.assert_allclose(found, expected, atol=1e-8 * np.abs(expected).max())
    middle = by_current.sel(quantity="accumulation").values @ (lower + upper) / 2
    np.testing.assert_allclose(middle, t.field_accumulation @ field, atol=1e-8 * np.abs(t.field_accumulation).max())
    mean, drop = (by_potential.sel(quantity=q).values for q in ("mean_current", "current_drop"))
    np.testing.assert_allclose(mean + drop / 4, t.conductance[:4, :4], atol=1e-8 * np.abs(t.conductance).max())


@pytest.mark.parametrize(
    ("changed", "m", "direction", "said"),
    [
        ({"rashba": np.array([0.1, 0.2])}, (0, 0, 1), (1, 0), "one barrier"),
        ({}, np.eye(3), (1, 0), "one direction"),
        ({}, (0, 0, 0), (1, 0), "no direction"),
        ({}, (0, 0, 1), (0, 0), "direction: got"),
    ],
)
def test_atlas_refuses_what_it_cannot_tabulate(changed, m, direction, said):
    with pytest.raises(ss.ParameterError, match=said):
        atlas(barrier(**changed), m, direction)


def test_fermi_disc_shows_transmission_without_flips_where_no_coupling_is():
    figure = figures.fermi_disc(barrier(rashba=0.0), (0, 1, 0))
    majority, minority, flip, _ = (axes.collections[0].get_array() for axes in figure.axes[:4])
    centre = (100, 100)
    assert majority[centre] == pytest.approx(1 / (1 + 0.2**2), rel=1e-12)
    assert minority[centre] == pytest.approx(1 / (1 + 0.6**2), rel=1e-12)
    assert np.abs(flip).max() < 1e-12
    angle = figure.axes[3].collections[0].get_array()[centre]
    assert angle == pytest.approx(np.degrees(np.arctan(0.6) - np.arctan(0.2)), rel=1e-12)


def test_absorbed_spin_is_the_sum_of_both_torques_and_the_lattice_takes_the_part_along_m():
    figure = figures.absorbed_spin(barrier(rashba=0.2), (0.6, 0.1), (0.5, 1.0, 0.2))
    absorbed, magnet, lattice = (line.get_ydata() for line in figure.axes[1].lines)
    assert np.abs(magnet).max() < 1e-12
    np.testing.assert_allclose(lattice, absorbed, atol=1e-12)
    assert np.abs(absorbed).max() > 0.05
    with pytest.raises(ValueError, match="no spin-orbit field"):
        figures.absorbed_spin(barrier(rashba=0.0))


def test_atlas_figure_writes_every_entry():
    table = atlas(barrier(), TILTED)
    figure = figures.atlas(barrier(), TILTED)
    texts = [t for axes in figure.axes[:6] for t in axes.texts]
    assert len(texts) == 2 * int((table["value"].values != 0).sum())
