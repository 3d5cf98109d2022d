"""Native programs inside JAX transformations against the JAX programs that they stand for."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from studies import mostly_studies

import spinstack as ss
from spinstack import circuit
from spinstack.circuit import kernel, native
from spinstack.circuit.lower import lower

pytestmark = pytest.mark.skipif(native.library() is None, reason="installed without the native kernel")

PT = ss.Metal("Pt", thickness=3e-9, conductivity=4e6, spin_diffusion_length=1.4e-9, spin_hall_angle=0.1,
              diffusion_coefficient=1e-4)  # fmt: skip
CO = ss.Ferromagnet("Co", thickness=2e-9, conductivity=5e6, polarization=0.4, spin_diffusion_length=8e-9,
                    dephasing_length=1e-9, precession_length=2e-9, anomalous_hall_angle=0.02)  # fmt: skip
SIDE = ss.Interface(conductance_up=5e14, conductance_down=3e14, mixing_conductance=6e14 + 1e13j, filtering=2e4)
BARRIER = ss.DeltaBarrier(barrier=0.4, exchange=0.2, rashba=0.1, fermi_wavevector=1.36e10)
EUS = ss.WeissMagnet(spin=3.5, curie_temperature=16.6, surface_density=3e18, exchange_coupling=1e-48,
                     density_of_states=4e46)  # fmt: skip
FILMS = {
    "metals": (
        PT | SIDE | CO | SIDE.replace(rashba_edelstein=1e-11, magnet="Co") | PT.replace(name="W", spin_hall_angle=-0.2),
        ["Pt.thickness", "Pt.spin_diffusion_length", "Co.polarization", "Co|W.rashba_edelstein", "W.conductivity"],
    ),
    "a barrier": (PT | ss.Interface(scattering=BARRIER) | CO, ["Pt.spin_hall_angle", "Pt|Co.scattering.rashba"]),
    "a magnet": (
        ss.MagneticInsulator("YIG", mixing_conductance=2e14 + 1e13j, spin_sink_conductance=1e12)
        | PT
        | ss.MagneticInsulator("EuS", magnet=EUS),
        ["Pt.thickness", "YIG.mixing_conductance", "EuS.magnet.surface_density"],
    ),
}
OBSERVABLES = {
    "sheet_conductance": lambda film, m, B, T: ss.sheet_conductance(film, m=m, B=B, T=T),
    "faces": lambda film, m, B, T: circuit.faces(film, m, B, (0.6, -0.8), T).torque,
}


def as_function(film, paths, observable):
    """An observable of factors of some parameters, of m, of the field and of the temperature, all near one."""
    start, n = film.parameters(), len(paths)
    m, B = jnp.array([0.3, -0.5, 0.8]), jnp.array([0.4, 1.0, -0.6])

    def function(x):
        changed = film.replace({path: x[i] * start[path] for i, path in enumerate(paths)})
        return observable(changed, m * x[n : n + 3], B * x[n + 3 : n + 6], 5.0 * x[n + 6])

    return function, jnp.ones(n + 7)


@pytest.fixture(params=mostly_studies(FILMS, "metals"))
def film(request):
    return FILMS[request.param]


def both(monkeypatch, film, observable, transform):
    """What a transformation of an observable gives with the kernel and without."""
    found = []
    for word in ("", "off"):
        monkeypatch.setenv("SPINSTACK_KERNEL", word)
        function, x = as_function(*film, OBSERVABLES[observable])
        found.append(np.asarray(transform(function)(x)))
    return found


def assert_close(ours, reference, tolerance, axes):
    """Against the largest number over some axes, or a thousandth of that of all."""
    size = np.abs(reference).max(axes, keepdims=True)
    size = np.maximum(size, 1e-3 * size.max())
    assert (np.abs(ours - reference) <= tolerance * size).all()


@pytest.mark.study
@pytest.mark.parametrize("observable", OBSERVABLES)
def test_values_and_derivatives_are_those_of_jax(monkeypatch, film, observable):
    def everything(f):
        return lambda x: jnp.concatenate([f(x)[None], jnp.moveaxis(jax.jacfwd(f)(x), -1, 0)])

    ours, reference = both(monkeypatch, film, observable, everything)
    assert_close(ours[0], reference[0], 1e-12, (0, 1))
    assert_close(ours[1:], reference[1:], 1e-11, (1, 2))


@pytest.mark.study
def test_both_ways_of_derivatives_compiled_or_not_agree(monkeypatch, film):
    function, x = as_function(*film, OBSERVABLES["sheet_conductance"])
    forward = jax.jacfwd(function)(x)
    for other in (jax.jacrev(function), jax.jit(jax.jacrev(function)), jax.jit(jax.jacfwd(function))):
        assert_close(np.asarray(other(x)), np.asarray(forward), 1e-13, (0, 1, 2))


@pytest.mark.study
def test_a_batch_made_by_vmap_is_its_films(film):
    function, x = as_function(*film, OBSERVABLES["sheet_conductance"])
    many = x[None, None] * np.random.default_rng(0).uniform(0.9, 1.1, (2, 3, x.size))
    derivative = jax.jacrev(lambda x: function(x)[0, 0])
    found = jax.jit(jax.vmap(jax.vmap(lambda x: (function(x), derivative(x)))))(many)
    for index in np.ndindex(2, 3):
        assert_close(np.asarray(found[0][index]), np.asarray(function(many[index])), 1e-13, (0, 1))
        assert_close(np.asarray(found[1][index]), np.asarray(derivative(many[index])), 1e-13, 0)


@pytest.mark.study
def test_second_derivatives_are_those_of_jax(monkeypatch, film):
    ours, reference = both(monkeypatch, film, "sheet_conductance", lambda f: jax.hessian(lambda x: f(x)[0, 1]))
    assert_close(ours, reference, 1e-9, (0, 1))


def test_only_what_is_asked_for_is_differentiated():
    function, x = as_function(*FILMS["metals"], OBSERVABLES["sheet_conductance"])
    text = str(jax.make_jaxpr(jax.jacfwd(lambda t: function(x.at[0].set(t))))(1.0))
    assert "f64[1,2,2,1]" in text  # one derivative of one film


def test_what_no_formula_reads_has_no_derivative():
    plan, table, _ = lower(FILMS["metals"][0], (0.0, 0.6, 0.8))
    at = plan.kinds.index("Metal")

    def conductance(unread):
        columns = {**table.columns[at], "spin_hall_conductivity": unread}
        changed = table._replace(columns=(*table.columns[:at], columns, *table.columns[at + 1 :]))
        return kernel.evaluate(kernel.sheet, plan, changed)

    unread = jnp.zeros((2, 1))
    np.testing.assert_array_equal(jax.jacfwd(conductance)(unread), 0.0)
    np.testing.assert_array_equal(jax.jit(conductance)(unread), kernel.evaluate(kernel.sheet, plan, table))


@pytest.mark.filterwarnings("ignore:Explicitly requested dtype")
def test_32_bits_are_refused(film):
    function, x = as_function(*film, OBSERVABLES["sheet_conductance"])
    function(x)
    for transformed in (jax.jit(function), jax.grad(lambda x: function(x)[0, 0])):
        with jax.enable_x64(False), pytest.raises(ss.SpinstackError, match="jax_enable_x64: got False"):
            transformed(x)
