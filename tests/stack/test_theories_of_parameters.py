"""Which theory reads what: every parameter is moved, and both theories are asked.

What a declaration calls read changes the result; what it calls refused raises; what a theory passes over is another
theory's word for the same thing or does nothing without a field.
"""

import dataclasses

import numpy as np
import pytest
from plain_films import KF, barrier, nm

import spinstack as ss
from spinstack.boltzmann import solve
from spinstack.stack import Layer
from spinstack.stack.element import Element
from spinstack.stack.parameters import THEORIES, parameter

TENSOR = np.array([[0.1, 0.05], [-0.2, 0.1], [0.02, -0.1]])
# every effect on, so that every parameter has something to act on
VALUES = {
    ss.Metal: {
        "thickness": 5 * nm, "conductivity": 5e6, "spin_diffusion_length": 20 * nm, "spin_hall_angle": 0.1,
        "spin_splitter": TENSOR, "diffusion_coefficient": 1e-5, "g_factor": 2.3, "hall_coefficient": 3e-8,
    },
    ss.Ferromagnet: {
        "thickness": 3 * nm, "conductivity": 4e6, "spin_diffusion_length": 10 * nm, "polarization": 0.4,
        "dephasing_length": 3 * nm, "precession_length": 2 * nm, "spin_hall_angle": -0.05, "amr_ratio": 0.1,
        "size_effect_ratio": -0.1, "anomalous_hall_angle": 0.03, "spin_anomalous_hall_angle": 0.02,
        "polarization_parallel": 0.3, "rotated_spin_hall_angle": 0.04, "hall_coefficient": -2e-8,
    },
    ss.Interface: {
        "conductance_up": 4e14, "conductance_down": 2e14, "mixing_conductance": 6e14 + 1e14j,
        "mixing_conductance_upper": 5e14 + 2e14j, "transmitted_mixing_conductance": 1e14 + 5e13j,
        "spin_memory_loss": 0.4, "filtering": 2e4, "filtering_upper": 3e4, "precession": 1e4, "precession_upper": -2e4,
        "rashba_edelstein": 3e4, "sheet_conductance": 1e-4, "reciprocal": 0.8,
    },
    ss.MagneticInsulator: {"spin_sink_conductance": 1e14, "mixing_conductance": 3e14 + 1e14j},
}  # fmt: skip
# with orbital moments, which a film has in every layer or not at all
ORBITAL = {
    ss.Metal: {
        "orbital_diffusion_length": 6 * nm, "orbital_conductivity": 2e6, "orbital_hall_angle": 0.2,
        "spin_orbital_conversion": 0.3, "spin_orbital_polarization": 0.2, "orbital_diffusion_coefficient": 1e-6,
        "orbital_g_factor": 1.2,
    },
    ss.Ferromagnet: {
        "orbital_diffusion_length": 4 * nm, "orbital_conductivity": 3e6, "orbital_hall_angle": 0.1,
        "spin_orbital_conversion": -0.3, "spin_orbital_polarization": 0.1,
    },
    ss.Interface: {
        "orbital_conductance": 2e14, "orbital_memory_loss": 0.3, "orbital_rashba_edelstein": 2e4,
        "orbital_spin_mixing_conductance": 1e14 + 5e13j,
    },
}  # fmt: skip
# what is not given beside these, and what takes its place
GIVEN = {
    "density_of_states": {"diffusion_coefficient": None, "density_of_states": 5e46},
    "spin_hall_conductivity": {"spin_hall_angle": 0.0, "spin_hall_conductivity": 4e5},
    "mean_free_path": {"mean_free_path": 3 * nm},
    "mean_free_path_up": {"mean_free_path_up": 4 * nm, "mean_free_path_down": 2 * nm},
    "mean_free_path_down": {"mean_free_path_up": 4 * nm, "mean_free_path_down": 2 * nm},
    "spin_flip_length": {"spin_flip_length": 40 * nm},
    "precession_wavenumber": {"precession_wavenumber": 1e8},
    "fermi_wavevector": {"fermi_wavevector": KF},
    "fermi_splitting": {"fermi_splitting": 0.2, "spin_hall_angle": 0.0},
    "scattering_anisotropy": {"scattering_anisotropy": 0.4, "spin_hall_angle": 0.0},
    "scattering_anisotropy_down": {
        "scattering_anisotropy": 0.4,
        "scattering_anisotropy_down": 0.2,
        "spin_hall_angle": 0.0,
    },
    "diffuse_fraction": {"diffuse_fraction": 0.3},
    "diffuse_fraction_down": {"diffuse_fraction": 0.3, "diffuse_fraction_down": 0.6, "spin_memory_loss": 0.0},
}
M = {"I": (0.3, 0.5, 0.8), "F": (-0.2, 0.7, 0.4)}
FIELD, NONE = (1.0, -2.0, 3.0), (0.0, 0.0, 0.0)
PARAMETERS = [(kind, name) for kind in VALUES for name in kind.specifications()]
CASES = [(kind, name, theory) for kind, name in PARAMETERS for theory in THEORIES]


def only(kind, theory):
    """The values of an element that a theory does not refuse."""
    return {n: v for n, v in VALUES[kind].items() if kind.specifications()[n].role(theory) != "refused"}


def film(theory, kind, changes):
    """Insulator, metal and ferromagnet, with all effects of the theory and `changes` of one kind."""
    orbital = ORBITAL if theory == "drift_diffusion" and any("orbital" in name for name in changes) else {}

    def made(which, *name, **fixed):
        values = only(which, theory) | orbital.get(which, {}) | (changes if which is kind else {})
        if orbital:  # which the polarisation of orbital moments does not go with
            values.pop("rotated_spin_hall_angle", None)
        return which(*name, **{**values, **fixed})

    lower, upper = made(ss.Metal, "N"), made(ss.Ferromagnet, "F")
    end = made(ss.MagneticInsulator, "I")
    if theory == "drift_diffusion":
        return end | lower | made(ss.Interface) | upper
    if "fermi_splitting" in changes:  # conductances do not say which k they pass
        return end | lower | upper
    return end | lower | made(ss.Interface, conductances="corrected") | upper


def answer(theory, film, B):
    if theory == "drift_diffusion":
        return ss.sheet_conductance(film, m=M, B=B).ravel()
    assert B == NONE
    found = solve(film, M, resolution=(8, 8))
    return np.concatenate([found.sheet.ravel(), 1e8 * found.torque.ravel()])


def moved(name, changes):
    return changes | {name: changes[name] * (1.1 if np.ndim(changes[name]) else 1.07)}


def before_and_after(kind, name, theory, B):
    changes = GIVEN.get(name, {name: (VALUES[kind] | ORBITAL.get(kind, {})).get(name)})
    return [answer(theory, film(theory, kind, c), B) for c in (changes, moved(name, changes))]


def test_no_parameter_is_left_out():
    for kind in (*VALUES, ss.Vacuum):
        known = {*VALUES.get(kind, ()), *ORBITAL.get(kind, ()), *(n for n in GIVEN if hasattr(kind, n))}
        assert set(kind.specifications()) == known
        assert all(spec.theories for spec in kind.specifications().values())


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize(("kind", "name", "theory"), CASES)
def test_a_theory_does_with_a_parameter_what_the_declaration_says(kind, name, theory):
    spec = kind.specifications()[name]
    role = spec.role(theory)
    others = [t for t in THEORIES if t != theory]
    field = FIELD if theory == "drift_diffusion" else NONE
    if role == "read":
        old, new = before_and_after(kind, name, theory, field)
        assert np.abs(new - old).max() > 1e-8 * np.abs(old).max()
    elif role == "refused":
        given = {name: (VALUES[kind] | ORBITAL.get(kind, {}))[name]}
        wrong = film(theory, kind, given)
        with pytest.raises(ss.ParameterError) as caught:
            answer(theory, wrong, NONE)
        (error,) = caught.value.errors
        assert error.field == name
        assert "does not contain" in error.why
    else:
        old, new = before_and_after(kind, name, theory, NONE)
        np.testing.assert_array_equal(new, old)
        if role == "no effect":
            # without the field no theory knows the parameter, and the field itself is refused
            for other in others:
                np.testing.assert_array_equal(*before_and_after(kind, name, other, NONE))
            with pytest.raises(ss.ParameterError, match="no magnetic field"):
                ss.sheet_conductance(film(theory, kind, {}), m=M, B=FIELD, solver=ss.Boltzmann())
        else:
            named = [n for n in kind.specifications() if n in spec.counterpart.split()]
            assert all(theory in kind.specifications()[n].theories for n in named)
            assert named or spec.counterpart == "the coefficients that effective_interface finds"


def test_everything_that_a_theory_would_drop_is_named_at_once_where_it_stands():
    layer = ss.Ferromagnet("F", **VALUES[ss.Ferromagnet])
    interface = ss.Interface(scattering=barrier(), reciprocal=0.5)
    metal = ss.Metal("N", thickness=nm, conductivity=5e6, spin_diffusion_length=20 * nm)
    with pytest.raises(ss.ParameterError) as caught:
        ss.sheet_conductance(metal | interface | layer, m="y", solver=ss.Boltzmann())
    assert [(e.where, e.field, e.path) for e in caught.value.errors] == [
        ("N|F", "reciprocal", (1, "reciprocal")),
        ("F", "amr_ratio", (2, "amr_ratio")),
        ("F", "size_effect_ratio", (2, "size_effect_ratio")),
        ("F", "anomalous_hall_angle", (2, "anomalous_hall_angle")),
        ("F", "spin_anomalous_hall_angle", (2, "spin_anomalous_hall_angle")),
        ("F", "rotated_spin_hall_angle", (2, "rotated_spin_hall_angle")),
        ("F", "polarization_parallel", (2, "polarization_parallel")),
    ]
    assert str(caught.value).count("\n") == 6


def test_a_batch_is_refused_where_one_of_its_values_is_not_the_default():
    metal = ss.Metal("N", thickness=nm, conductivity=5e6, spin_diffusion_length=20 * nm)
    magnet = metal | ss.Ferromagnet("F", thickness=nm, conductivity=5e6, spin_diffusion_length=20 * nm)
    assert np.isfinite(solve(magnet.replace({"F.amr_ratio": [0.0, 0.0]}), (0, 1, 0), resolution=(8, 8)).sheet).all()
    with pytest.raises(ss.ParameterError, match="amr_ratio"):
        solve(magnet.replace({"F.amr_ratio": [0.0, 0.1]}), (0, 1, 0), resolution=(8, 8))


@pytest.mark.parametrize("theories", [{}, {"theories": ()}, {"theories": ("magnetohydrodynamics",)}])
def test_a_parameter_that_no_theory_reads_cannot_be_declared(theories):
    with pytest.raises(TypeError, match="theor"):

        class Coloured(Layer):
            colour: float = parameter("1", "how red it is", default=0.0, **theories)


def test_a_new_effect_is_refused_by_the_theory_that_it_does_not_name():
    """No list elsewhere: an effect declared by a class of one's own reaches checks, paths, the refusal."""

    @dataclasses.dataclass(frozen=True, eq=False, repr=False)
    class Odd(ss.Metal):
        magnetic_spin_hall_angle: float = parameter("1", "odd in m", default=0.0, theories=("drift_diffusion",))

    values = {"thickness": 5 * nm, "conductivity": 5e6, "spin_diffusion_length": 20 * nm}
    layer = Odd("N", **values, magnetic_spin_hall_angle=0.5)
    assert layer.numbers("drift_diffusion")["magnetic_spin_hall_angle"] == 0.5
    assert (layer | ss.Vacuum()).get("N.magnetic_spin_hall_angle") == 0.5
    with pytest.raises(ss.ParameterError, match=r"N\.magnetic_spin_hall_angle: got 0\.5, which the Boltzmann equation"):
        solve(layer | ss.Vacuum())
    assert solve(Odd("N", **values) | ss.Vacuum(), resolution=(8, 8)).sheet[0, 0] > 0


def test_layers_say_what_they_share_once_and_each_in_its_own_order():
    shared = set(Layer.specifications())
    assert shared == set(ss.Metal.specifications()) & set(ss.Ferromagnet.specifications())
    metal, magnet = list(ss.Metal.specifications()), list(ss.Ferromagnet.specifications())
    assert metal[:3] == ["thickness", "conductivity", "spin_diffusion_length"]
    assert metal[3:6] == ["spin_hall_conductivity", "spin_hall_angle", "spin_splitter"]
    assert metal[-4:] == ["hall_coefficient", "mean_free_path", "spin_flip_length", "fermi_wavevector"]
    assert magnet[:4] == ["thickness", "conductivity", "spin_diffusion_length", "polarization"]
    assert magnet[-5:-2] == ["precession_wavenumber", "fermi_wavevector", "fermi_splitting"]
    for name in shared:
        a, b = (kind.specifications()[name] for kind in (ss.Metal, ss.Ferromagnet))
        assert dataclasses.replace(a, doc="") == dataclasses.replace(b, doc="")
    assert issubclass(Layer, Element)


def test_a_spin_hall_conductivity_is_an_angle_that_follows_the_conductivity():
    metal = ss.Metal(
        "Pt", thickness=4 * nm, conductivity=4e6, spin_diffusion_length=2 * nm, spin_hall_conductivity=1.6e5
    )
    film = metal | ss.MagneticInsulator("YIG", mixing_conductance=4e14)
    angle = film.replace({"Pt.spin_hall_conductivity": None, "Pt.spin_hall_angle": 0.04})
    assert ss.magnetoresistance(film) == ss.magnetoresistance(angle)
    for sigma in (1e6, 8e6):
        changed = film.replace({"Pt.conductivity": sigma})
        same = angle.replace({"Pt.conductivity": sigma, "Pt.spin_hall_angle": 1.6e5 / sigma})
        np.testing.assert_allclose(ss.magnetoresistance(changed), ss.magnetoresistance(same), rtol=1e-14)
    slope, by_angle = (ss.gradient(f, ss.magnetoresistance) for f in (film, angle))
    np.testing.assert_allclose(slope["Pt.spin_hall_conductivity"], by_angle["Pt.spin_hall_angle"] / 4e6, rtol=1e-12)
    batch = film.replace({"Pt.conductivity": np.array([1e6, 8e6])})
    assert ss.magnetoresistance(batch).shape == (2,)
    with pytest.raises(ss.ParameterError, match="beside spin_hall_conductivity"):
        metal.replace(spin_hall_angle=0.04)
