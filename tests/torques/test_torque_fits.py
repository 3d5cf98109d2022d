"""Fits of torque maps: planted coefficients come back, errors are honest, bad data are refused; efficiencies."""

import numpy as np
import pytest
import xarray as xr

import spinstack as ss
from spinstack import torques
from spinstack.figures.sphere_maps import torque_functions, torque_maps

NM = 1e-9
E = np.array([0.8, -0.6])
P = np.array([0.6, 0.8, 0.0])
TWO_E_OVER_HBAR = 2 * 1.602176634e-19 / 1.054571817646156e-34


def scattered(n, seed=3):
    m = np.random.default_rng(seed).normal(size=(n, 3))
    return m / np.linalg.norm(m, axis=1)[:, None]


def expanded(m, coefficients):
    return np.einsum("kl,nklc->nc", coefficients, torques.expansion_basis(m, coefficients.shape[1] - 1, E=E))


def test_expansion_basis_is_equation_6_written_out():
    m = np.array([0.48, -0.6, 0.64])
    mx, my, mz = m
    basis = torques.expansion_basis(m, 1, E=(2.0, 0.0))  # E along x: p = y
    wanted = [
        [mz, 0, -mx],
        [-mx * my, 1 - my**2, -my * mz],
        [-mx * my, mx**2, 0],
        [-mx * mx * mz, -mx * my * mz, mx * (1 - mz**2)],
    ]
    np.testing.assert_allclose(basis[:, 0], wanted, atol=1e-15)
    np.testing.assert_allclose(basis[:, 1], mz**2 * np.array(wanted), atol=1e-15)


@pytest.mark.parametrize("order", [0, 1, 3])
def test_both_bases_span_the_same_torques(order):
    """Any isotropic field of one basis is met by the other, exactly, with lmax = 2 order + 2."""
    rng = np.random.default_rng(order)
    m, w = torques.directions(2 * order + 6)
    planted = rng.normal(size=(4, order + 1))
    data = torques.torque_data(m, expanded(m, planted), w, E=E)
    harmonic = torques.fit_harmonics(data, 2 * order + 2, weights=w)
    assert harmonic.attrs["relative_residual"] < 1e-13
    if order:
        assert torques.fit_harmonics(data, 2 * order, weights=w).attrs["relative_residual"] > 1e-3
    random = harmonic.copy(deep=True)
    random["coefficient"][:] = rng.normal(size=random.sizes["term"])
    data = torques.torque_data(m, torques.evaluate_harmonics(random, m, E=E), w, E=E)
    powers = torques.fit_expansion(data, order)
    assert powers.attrs["relative_residual"] < 1e-12
    assert powers.sizes["term"] == harmonic.sizes["term"] == powers.attrs["rank"]
    np.testing.assert_allclose(torques.evaluate_expansion(powers, m, E=E), data.torque, atol=1e-11)


def test_planted_coefficients_come_back_from_scattered_directions_and_two_fields():
    planted = np.array([[1.0, -0.3], [2.0, 0.5], [0.1, 0.7], [-0.4, 0.2]]) * 1e-11
    m = scattered(30)
    basis = torques.expansion_basis
    maps = [
        torques.torque_data(2.5 * m, 7.0 * np.einsum("kl,nklc->nc", planted, basis(m, 1, E=f)), E=7.0 * np.array(f))
        for f in ((1.0, 0.0), (0.0, 1.0))
    ]
    fit = torques.fit_expansion(xr.concat(maps, "direction"), 1)
    np.testing.assert_allclose(fit.coefficient.values.reshape(4, 2), planted, atol=1e-23)
    assert fit.symbol.values.tolist()[:3] == ["a_0", "a_1", "b_0"]
    assert fit.attrs["degrees_of_freedom"] == 2 * 60 - 8


def test_orthogonal_coefficients_do_not_depend_on_the_truncation_and_those_of_powers_do():
    m, w = torques.directions(16)
    data = torques.torque_data(m, expanded(m, np.array([[1.0, 0.4], [2.0, -0.8], [0.3, 0.0], [0.0, 0.5]])), w, E=E)
    short, long = (torques.fit_harmonics(data, n, weights=w).coefficient for n in (2, 6))
    np.testing.assert_allclose(short, long.sel(term=short.term), atol=1e-13)
    short, long = (torques.fit_expansion(data, n, weights=w).coefficient for n in (0, 1))
    assert float(np.abs(short - long.sel(term=short.term)).max()) > 0.1


@pytest.mark.study
@pytest.mark.parametrize("known", [True, False], ids=["known errors", "estimated errors"])
@pytest.mark.parametrize("weighted", [True, False], ids=["weighted", "plain"])
def test_standard_errors_are_the_scatter_of_repeated_measurements(known, weighted):
    rng = np.random.default_rng(11)
    m = scattered(40)
    weights = rng.uniform(0.2, 2.0, 40) if weighted else None
    noise = rng.uniform(0.5, 2.0, 40) * 0.1 if known else np.full(40, 0.1)
    planted = np.array([[1.0, -0.3], [2.0, 0.5], [0.1, 0.7], [-0.4, 0.2]])
    clean = expanded(m, planted)
    pulls, squares = [], []
    for _ in range(400):
        data = torques.torque_data(m, clean + noise[:, None] * rng.normal(size=(40, 3)), E=E)
        fit = torques.fit_expansion(data, 1, uncertainty=noise if known else None, weights=weights)
        error = fit.coefficient.values - planted.ravel()
        pulls.append(error / fit.standard_error.values)
        squares.append(error @ np.linalg.solve(fit.covariance.values, error))
        if known and not weighted:
            assert 30 < fit.attrs["chi_squared"] < 130  # 72 degrees of freedom, spread 12
    pulls = np.array(pulls)
    # 400 repetitions fix a spread to 3.5 % and a mean of pulls to 0.05
    assert np.abs(pulls.mean(0)).max() < 0.2
    assert np.all((pulls.std(0) > 0.86) & (pulls.std(0) < 1.16))
    assert np.mean(squares) == pytest.approx(8.0, rel=0.1)


@pytest.mark.study
def test_degrees_of_freedom_of_uneven_weights_are_those_of_the_residual():
    # of six directions and eight terms, rows that hardly count leave a residual larger than the noise
    rng = np.random.default_rng(2)
    m, weights = scattered(6), np.array([1.0, 1.0, 1.0, 1.0, 0.003, 0.002])
    clean = expanded(m, np.array([[1.0, -0.3], [2.0, 0.5], [0.1, 0.7], [-0.4, 0.2]]))
    found, stated = [], []
    for _ in range(400):
        data = torques.torque_data(m, clean + 0.05 * rng.normal(size=clean.shape), E=E)
        fit = torques.fit_expansion(data, 1, weights=weights)
        found.append(fit.coefficient.values)
        stated.append(fit.standard_error.values**2)
    share = np.mean(stated, axis=0) / np.var(found, axis=0)
    assert share.mean() == pytest.approx(1.0, abs=0.15)


@pytest.mark.study
def test_chi_squared_has_the_mean_of_its_degrees_of_freedom():
    rng = np.random.default_rng(5)
    m = scattered(25)
    clean = expanded(m, np.array([[1.0], [2.0], [0.0], [0.3]]))
    values = []
    for _ in range(300):
        data = torques.torque_data(m, clean + 0.05 * rng.normal(size=clean.shape), E=E)
        fit = torques.fit_harmonics(data, 2, uncertainty=0.05)
        values.append(fit.attrs["chi_squared"])
    free = fit.attrs["degrees_of_freedom"]
    assert free == 50 - 4
    assert np.mean(values) == pytest.approx(free, abs=4 * np.sqrt(2 * free / 300))


def test_what_lies_along_m_is_reported_and_not_fitted():
    m = scattered(20)
    clean = expanded(m, np.array([[1.0], [2.0], [0.0], [0.3]]))
    fit = torques.fit_expansion(torques.torque_data(m, clean + 0.5 * m, E=E), 0)
    np.testing.assert_allclose(fit.coefficient, [1, 2, 0, 0.3], atol=1e-13)
    assert fit.attrs["radial_rms"] == pytest.approx(0.5)
    np.testing.assert_allclose(fit.residual, 0.5 * m, atol=1e-13)


def test_efficiencies_recover_a_planted_spin_current():
    """A spin current xi sigma E (2e/hbar times the torque) along p, all absorbed, has efficiency xi."""
    m, sigma, field = scattered(50), 4e6, 2.5e4
    spin_current = np.array([0.12, 0.03]) * sigma * field
    T = (spin_current @ np.stack([np.cross(m, np.cross(P, m)), np.cross(P, m)]).swapaxes(0, 1)) / TWO_E_OVER_HBAR
    data = torques.torque_data(m, T, E=field * E)
    for fit in (torques.fit_expansion(data, 0), torques.fit_harmonics(data, 2), torques.fit_harmonics(data, 3, None)):
        result = torques.efficiencies(fit, conductivity=sigma, E=E)
        np.testing.assert_allclose(result.per_current_density, [0.12, 0.03], rtol=1e-9)
        np.testing.assert_allclose(result.per_field, [0.12 * sigma, 0.03 * sigma], rtol=1e-9)
        assert result.torque.values.tolist() == ["damping_like", "field_like"]
    fields = torques.effective_fields(result, 1.1e6, 1 * NM, field)["effective_field"].values
    B = fields[0] * np.cross(m, P) + fields[1] * P
    np.testing.assert_allclose(1.1e6 * NM * np.cross(m, B), T, rtol=1e-9, atol=1e-12 * np.abs(T).max())
    local = torques.local_components(data)
    np.testing.assert_allclose(TWO_E_OVER_HBAR * local.damping_like / sigma, 0.12, rtol=1e-9)
    np.testing.assert_allclose(TWO_E_OVER_HBAR * local.field_like / sigma, 0.03, rtol=1e-9)


def test_thick_spin_hall_metal_under_a_perfect_sink_has_its_spin_hall_angle():
    film = (
        ss.Metal("Pt", thickness=60 * NM, conductivity=5e6, spin_diffusion_length=2 * NM, spin_hall_angle=0.08)
        | ss.MagneticInsulator("YIG", mixing_conductance=1e19)
    )  # fmt: skip
    fit = torques.fit_harmonics(torques.torque_map(film, E=E), 2)
    result = torques.efficiencies(fit, conductivity=5e6)
    np.testing.assert_allclose(result.per_current_density, [0.08, 0.0], atol=1e-5)


def test_damping_like_direction_is_undefined_along_p():
    local = torques.local_components(torques.torque_data([P, [0, 0, 1]], [[0, 0, 0], [1e-5, 0, 0]], E=E))
    assert np.isnan(local.damping_like.values).tolist() == [True, False]


GOOD = torques.torque_data(scattered(20), expanded(scattered(20), np.ones((4, 1))), E=E)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: torques.torque_data([[0, 0, 0.0]], [[0, 0, 1.0]]),
            r"m: .*, with a vector of length zero at \[0\]",
        ),
        (lambda: torques.torque_data([[0, 0, 1.0]], [[0, np.nan, 1.0]]), "1 of 3 values not finite"),
        (
            lambda: torques.torque_data([[0, 0, 1.0]], [0, 0, 1.0]),
            r"torque: .* shape \(3,\)\. .* of shape \(1, 3\)",
        ),
        (
            lambda: torques.torque_data([[0, 0, 1.0]], [[1, 0, 0.0]], E=(0, 0)),
            r"E: got \(0, 0\), .* length zero",
        ),
        (lambda: torques.torque_data([[0, 0, 1.0]], [[1, 0, 0.0]], [-1.0]), "weight"),
        (
            lambda: torques.fit_expansion(GOOD.isel(direction=slice(3)), 1),
            "fit.data: 3 directions, 6 torque components, for 8",
        ),
        (lambda: torques.fit_expansion(GOOD.isel(direction=slice(4)), 1), "or an uncertainty"),
        (lambda: torques.fit_expansion(GOOD.drop_vars("E"), 1), "E missing"),
        (lambda: torques.fit_expansion(GOOD, -1), "order: got -1"),
        (lambda: torques.fit_expansion(GOOD, 1, uncertainty=0.0), "uncertainty"),
        (
            lambda: torques.fit_expansion(GOOD, 1, weights=np.ones(3)),
            r"weights: .* \(3,\)\. .* one .* or .* \(20,\)",
        ),
        (lambda: torques.fit_expansion(GOOD.where(GOOD.m > 0.0), 1), "not finite"),
        (lambda: torques.fit_harmonics(GOOD, 0), "lmax: got 0"),
        (
            lambda: torques.fit_harmonics(GOOD, 2, torques.one_mirror(np.rad2deg(np.arctan2(*E[::-1])))),
            "cannot tell apart",
        ),
        (lambda: torques.forbidden(torques.fit_harmonics(GOOD, 2), torques.ISOTROPIC), "symmetry=None"),
        (
            lambda: torques.efficiencies(torques.fit_expansion(GOOD, 0), conductivity=-1.0),
            "Allowed: one finite number in S/m, greater than 0",
        ),
    ],
)
def test_bad_data_are_refused_in_words(call, words):
    with pytest.raises(ss.ParameterError, match=words):
        call()


def test_in_plane_directions_give_only_two_combinations_and_the_message_says_so():
    """At m_z = 0, (m.E) m x (z x m) = -p x m and (m.E) z x m = m x (p x m)."""
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    m = np.stack([np.cos(angle), np.sin(angle), 0 * angle], -1)
    basis = torques.expansion_basis(m, E=E)[:, :, 0]
    np.testing.assert_allclose(basis[:, 3], -basis[:, 0], atol=1e-15)
    np.testing.assert_allclose(basis[:, 2], basis[:, 1], atol=1e-15)
    data = torques.torque_data(m, expanded(m, np.ones((4, 1))), E=E)
    with pytest.raises(ss.ParameterError, match=r"fix only 2 of 4 terms.*damping_like:0"):
        torques.fit_expansion(data, 0)


@pytest.mark.study
def test_figures_draw_maps_and_leave_grey_what_was_not_measured():
    data = torques.torque_data(*(lambda d: (d.m, expanded(d.m, np.ones((4, 1))) * 1e-11))(torques.directions(8)), E=E)
    figure = torque_maps({"whole": data, "half": data.isel(direction=data.m.values[:, 2] > 0)}, title="two maps")
    panels = figure.axes[:6]
    painted = [axes.collections[0].get_array() for axes in panels]
    assert not np.ma.getmaskarray(painted[0]).any()
    assert 0.3 < np.ma.getmaskarray(painted[3]).mean() < 0.55
    assert float(painted[0].max()) == pytest.approx(float(np.linalg.norm(data.torque, axis=1).max()) * 1e12, rel=0.05)
    assert {axes.collections[0].get_clim() for axes in panels[1:3]} == {panels[1].collections[0].get_clim()}
    assert torque_functions({"one": data, "two": data, "three": data}).axes
    with pytest.raises(ss.ParameterError, match="several fields"):
        torque_maps(xr.concat([data, torques.torque_data(data.m, data.torque, E=(0, 1))], "direction"))
    with pytest.raises(ss.ParameterError, match=r"torque_maps\.data: got \{\}"):
        torque_maps({})
