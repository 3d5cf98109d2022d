"""No law that is accepted gains energy, and of metals every law that does is refused; digits at many decades."""

import numpy as np
import pytest
from film_batches import verdict
from reference_law import local_law

import spinstack as ss

nm = 1e-9
M = np.array([0.48, 0.6, 0.64])


def splits(splitter, hall=0.0):
    film = ss.Metal("A", thickness=nm, conductivity=1e6, spin_diffusion_length=nm, spin_splitter=splitter,
                    spin_hall_angle=0.3, hall_coefficient=hall / 1e6)  # fmt: skip
    return film | ss.Vacuum()


def least_power(layer, m, B):
    L = local_law(layer, m, B) / layer.conductivity
    return np.linalg.eigvalsh(L + L.T).min()


@pytest.mark.parametrize("seed", range(60))
def test_a_splitter_is_refused_exactly_where_the_law_gains_energy(seed):
    rng = np.random.default_rng(seed)
    left, _, right = np.linalg.svd(rng.normal(size=(3, 2)), full_matrices=False)
    film = splits((left * rng.uniform(0, 1, 2)) @ right, hall=rng.uniform(-1.5, 1.5))
    B = rng.normal(size=3) / np.sqrt(3)
    gains = least_power(film[0], M, B) < 0
    if gains:
        with pytest.raises(ss.ParameterError, match=r"A\.spin_splitter: .*gain energy"):
            ss.sheet_conductance(film, B=B)
    else:
        G = ss.sheet_conductance(film, B=B)
        assert np.linalg.eigvalsh(G + G.T).min() >= 0


def test_the_message_says_how_much_of_a_splitter_a_field_leaves():
    film = splits([[0, 0], [0.8, 0], [0, 0]], hall=1.0)
    with pytest.raises(ss.ParameterError, match=r"up to 1, would gain energy. Allowed: .*0\.625 times") as caught:
        ss.sheet_conductance(film, B=(0, 1, 0))
    assert (caught.value.where, caught.value.field) == ("A", "spin_splitter")
    at_most = film.replace({"A.spin_splitter": 0.625 * film.get("A.spin_splitter")})
    assert least_power(at_most[0], M, np.array([0, 1.0, 0])) == pytest.approx(0, abs=1e-15)
    ss.sheet_conductance(at_most, B=(0, 1, 0))


def test_one_field_of_many_that_is_too_strong_is_found():
    film = splits([[0, 0], [0.5, 0], [0, 0]], hall=1.0)
    B = np.array([[0, 0.2, 0], [0, 1.2, 0], [0, -0.3, 0]])
    assert np.isfinite(ss.sheet_conductance(film, B=B[[0, 2]])).all()
    with pytest.raises(ss.ParameterError, match="gain energy"):
        ss.sheet_conductance(film, B=B)


def magnet(**changes):
    return ss.Ferromagnet("F", thickness=nm, conductivity=1e6, spin_diffusion_length=nm, **changes)


@pytest.mark.study(but_first=10)
@pytest.mark.parametrize("seed", range(60))
def test_no_accepted_ferromagnet_gains_energy_for_any_m(seed):
    rng = np.random.default_rng(seed)
    changes = {
        "amr_ratio": rng.uniform(-1, 0.5),
        "size_effect_ratio": rng.uniform(-1, 0.5),
        "polarization": rng.uniform(-1, 1),
        "polarization_parallel": rng.uniform(-1, 1),
    }
    others = {
        "anomalous_hall_angle": rng.uniform(-2, 2),
        "spin_anomalous_hall_angle": rng.uniform(-2, 2),
        "spin_hall_angle": rng.uniform(-1, 1),
        "hall_coefficient": rng.uniform(-1, 1) / 1e6,
    }
    m = rng.normal(size=(400, 3))
    m /= np.linalg.norm(m, axis=1)[:, None]
    try:
        layer = magnet(**changes, **others)
    except ss.ParameterError as error:
        assert error.field in ("amr_ratio", "polarization_parallel")  # noqa: PT017
        return
    assert min(least_power(layer, v, np.array([0.3, -0.5, 0.8])) for v in m) > -1e-12


def test_a_channel_is_refused_that_gains_energy_while_the_mean_does_not():
    changes = {"amr_ratio": -0.7, "size_effect_ratio": -0.29, "polarization": -0.8}
    alike = magnet(**changes)
    tilted = np.array([np.sqrt(0.48), 0, np.sqrt(0.52)])
    assert least_power(alike, tilted, np.zeros(3)) > 0
    with pytest.raises(
        ss.ParameterError, match=r"amr ratio of spin up -0\.96 .*negative for some m.* above -0\.1536"
    ) as caught:
        alike.replace(polarization_parallel=0.5)
    assert caught.value.field == "polarization_parallel"
    # the same, put together behind the back of the check
    inside = alike.replace(polarization_parallel=-0.8)
    object.__setattr__(inside, "polarization_parallel", 0.5)
    assert least_power(inside, tilted, np.zeros(3)) < 0


def spread(decades):
    """Half-metallic interface and sink: conductances across m over those along it, with nothing beside that relaxes."""
    large, small = 1e14 * 10 ** (decades / 2), 1e14 * 10 ** (-decades / 2)
    return (
        ss.Metal("N", thickness=3 * nm, conductivity=3e6, spin_diffusion_length=np.inf,
                 spin_hall_angle=[[0.1, 0.03], [0.2, -0.1], [0.05, 0.1]])
        | ss.Interface(conductance_up=2 * large, conductance_down=small, mixing_conductance=large * (1 + 0.3j),
                       filtering=1e4)
        | ss.Ferromagnet("F", thickness=3 * nm, conductivity=3e6, spin_diffusion_length=5 * nm, polarization=0.4,
                         spin_hall_angle=0.1, anomalous_hall_angle=0.02, dephasing_length=nm)
        | ss.MagneticInsulator("I", spin_sink_conductance=small, mixing_conductance=large * (1 + 0.2j))
    )  # fmt: skip


def broken(film, m):
    G = ss.sheet_conductance(film, m=m)
    back = np.swapaxes(ss.sheet_conductance(film, m={k: -np.asarray(v) for k, v in m.items()}), -1, -2)
    return np.abs(G - back).max() / np.abs(G).max()


@pytest.mark.parametrize("decades", [0, 8, 12, 16, 20])
def test_collinear_magnets_keep_their_digits_at_any_spread(decades):
    film = spread(decades)
    assert broken(film, {"F": M, "I": M}) < 1e-12
    assert broken(film, {"F": M, "I": -M}) < 1e-12
    # turning m, the film and the field about z changes nothing: oblique m is not worse than m along an axis
    along = ss.sheet_conductance(film.replace({"N.spin_hall_angle": 0.2}), m=[0.6, 0, 0.8])
    turned = ss.sheet_conductance(film.replace({"N.spin_hall_angle": 0.2}), m=[0, 0.6, 0.8])
    np.testing.assert_allclose(turned, along[::-1, ::-1] * [[1, -1], [-1, 1]], rtol=0, atol=1e-12 * np.abs(along).max())


def test_magnets_in_different_directions_keep_them_up_to_six_decades():
    assert broken(spread(6), {"F": M, "I": (1.0, 0, 0)}) < 1e-11


@pytest.mark.study
def test_derivatives_do_not_see_the_frame():
    # by m, at an m that is the axis of the frame, against differences
    import jax

    film = spread(2)

    def G(angle):
        xp = jax.numpy if isinstance(angle, jax.core.Tracer) else np
        m = xp.stack([0.6 * xp.cos(angle), 0.6 * xp.sin(angle), 0.8 + 0 * angle])
        return ss.sheet_conductance(film, m={"F": m, "I": M})

    slope = jax.jacfwd(G)(0.4)
    steps = np.array([-2, -1, 1, 2]) * 1e-3
    difference = np.einsum("s,sij->ij", np.array([1, -8, 8, -1]) / 12e-3, np.stack([G(0.4 + h) for h in steps]))
    np.testing.assert_allclose(slope, difference, rtol=0, atol=1e-9 * np.abs(difference).max())


@pytest.mark.study
def test_random_films_of_all_that_is_accepted_are_finite_reciprocal_and_passive():
    # benchmarks/passivity.py does the same for a million
    found = verdict(np.random.default_rng(0), 20_000)
    assert found.infinite == 0
    assert found.onsager < 1e-9
    assert found.gained < 1e-9
