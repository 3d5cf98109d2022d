"""Transport of superlattices: layers in parallel, their anomalous Hall conductivities, errors that are true."""

import numpy as np
import pytest

from spinstack.measure.measurement import MeasurementError, result
from spinstack.measure.superlattice import Superlattice, layer_anomalous_hall, parallel_layers, predict

CELL = (4e-10, 4e-10)
MILLI_OHM_CM = 1e-5
SIGMA = np.array([6e4, 3e5])
HALL = np.array([-40.0, 250.0])


def number(found, name):
    return found["value"].sel(parameter=name).item()


def of_cells(n, m, **others):
    return Superlattice.of_cells(n, m, unit_cell=CELL, **{"repeats": 10, **others})


def films(rng, relative=0.02, hall=0.05, errors=True, interface=0.0):
    out = []
    for n, m in [(10, 2), (2, 6), (10, 6), (10, 4), (10, 8), (4, 4)]:
        bare = of_cells(n, m)
        lengths = np.array(bare.conducting_thickness())
        impedance = bare.thickness / (lengths @ (SIGMA - 1j * HALL) + bare.interfaces * interface)
        spread = relative * impedance.real, hall * abs(impedance.imag)
        stated = {"resistivity_error": spread[0], "hall_resistivity_error": spread[1]} if errors else {}
        out.append(
            of_cells(
                n,
                m,
                resistivity=impedance.real + spread[0] * rng.normal(),
                hall_resistivity=impedance.imag + spread[1] * rng.normal(),
                **stated,
            )
        )
    return out


def test_calcium_ruthenate_and_lanthanum_nickelate_give_the_mixed_superlattice():
    # Zheng et al. 2024: the 10-cell CRO of C10/L2 has 1.72, the 6-cell LNO of C2/L6 has 0.30 mOhm cm; 2-cell layers
    # insulate, so the whole films have 12/10 and 8/6 of that
    thin = [
        of_cells(10, 2, resistivity=1.72 * 12 / 10 * MILLI_OHM_CM, conducting="a", name="C10/L2"),
        of_cells(2, 6, resistivity=0.30 * 8 / 6 * MILLI_OHM_CM, conducting="b", name="C2/L6"),
    ]
    found = parallel_layers(thin, layers=("CaRuO3", "LaNiO3"))
    assert number(found, "resistivity_a") == pytest.approx(1.72 * MILLI_OHM_CM)
    assert number(found, "resistivity_b") == pytest.approx(0.30 * MILLI_OHM_CM)
    predicted = number(predict(found, of_cells(10, 6)), "resistivity_A10/B6")
    assert predicted == pytest.approx((10 + 6) / (10 / 1.72 + 6 / 0.30) * MILLI_OHM_CM)
    assert round(predicted / MILLI_OHM_CM, 2) == 0.62
    assert predicted == pytest.approx(0.60 * MILLI_OHM_CM, rel=0.04)


@pytest.mark.parametrize("whole", [(1.72, 0.30), (1.72 * 12 / 10, 0.30 * 8 / 6)])
def test_two_cell_layers_cannot_conduct_like_thick_ones(whole):
    # whichever thickness the printed resistivities refer to, CRO would come out with a negative conductivity
    thin = [of_cells(n, m, resistivity=r * MILLI_OHM_CM) for (n, m), r in zip([(10, 2), (2, 6)], whole, strict=True)]
    found = parallel_layers(thin)
    assert number(found, "conductivity_a") < 0
    assert "conducting" in found.attrs["remark"]


def test_resistivities_found_before_belong_to_films_of_their_name():
    def told(rho, error, **attributes):
        return result({"resistivity": (rho, error, "Ohm m", "resistivity")}, attributes=attributes)

    measured = {
        "a_RT": told(2e-5, 1e-8, sample="C10/L2"),
        "C2/L6": told(4e-6, 2e-9),
        "twice": told(1.0, 1.0, sample="X"),
        "again": told(1.0, 1.0, sample="X"),
        "other": result({"T": (1.0, 1.0, "K", "")}, attributes={}),
    }
    thin = [of_cells(10, 2, conducting="a", name="C10/L2"), of_cells(2, 6, conducting="b", name="C2/L6")]
    found = parallel_layers(thin, measured=measured)
    assert number(found, "resistivity_a") == pytest.approx(2e-5 * 10 / 12)
    row = found.sel(parameter="resistivity_b")
    assert float(row["error"]) == pytest.approx(2e-9 * 6 / 8)
    own = [of_cells(10, 2, conducting="a", resistivity=1e-5, resistivity_error=1e-9, name="C10/L2"), thin[1]]
    assert number(parallel_layers(own, measured=measured), "resistivity_a") == pytest.approx(1e-5 * 10 / 12)
    for name, words in {
        "X": "X.measured: 2 results have its name", "Y": "0 results have its name. Allowed: one of a_RT, C10/L2, C2/L6",
        "other": "its result has no resistivity", "": "0 results",
    }.items():  # fmt: skip
        with pytest.raises(MeasurementError, match=words):
            parallel_layers([of_cells(10, 2, name=name), thin[1]], measured=measured)


def test_interface_conductance_is_told_from_the_layers():
    exact = [
        of_cells(s.a / 4e-10, s.b / 4e-10, resistivity=s.resistivity)
        for s in films(np.random.default_rng(0), relative=1e-13, interface=-2e-5)
    ]
    found = parallel_layers(exact, interface=True)
    assert found["value"].values[:3] == pytest.approx([*SIGMA, -2e-5], rel=1e-5)
    assert number(predict(found, of_cells(7, 3)), "resistivity_A7/B3") == pytest.approx(
        10 * 10 / (10 * (7 * SIGMA[0] + 3 * SIGMA[1]) + 19 * -2e-5 / 4e-10)
    )


def test_unit_of_thickness_and_repeats_do_not_matter_to_resistivities():
    short = [of_cells(10, 4, resistivity=1e-5, repeats=1), of_cells(4, 10, resistivity=3e-6, repeats=1)]
    tall = [
        Superlattice(a=20e-9, b=8e-9, repeats=7, resistivity=1e-5),
        {"a": 8e-9, "b": 20e-9, "repeats": 3, "resistivity": 3e-6},
    ]
    assert parallel_layers(short)["value"].values == pytest.approx(parallel_layers(tall)["value"].values)


def test_hall_conductivities_add_as_tensors_also_at_large_hall_angles():
    sigma = np.array([[1e5, 8e4], [3e5, -2e5]])  # (layer, xx and xy)
    samples = []
    for n, m in [(10, 2), (2, 6), (10, 6)]:
        # the tensors themselves, inverted as matrices: E = rho j with j along x
        sheet = sum(10 * t * 4e-10 * np.array([[xx, xy], [-xy, xx]]) for t, (xx, xy) in zip((n, m), sigma, strict=True))
        rho = np.linalg.inv(sheet) * 10 * (n + m) * 4e-10
        samples.append(
            of_cells(
                n,
                m,
                resistivity=rho[0, 0],
                hall_resistivity=rho[1, 0],
                resistivity_error=1e-9,
                hall_resistivity_error=1e-9,
            )
        )
    found = layer_anomalous_hall(samples)
    assert found["value"].values[:4] == pytest.approx([*sigma[:, 0], *sigma[:, 1]])
    again = predict(found, samples[2])
    assert again["value"].values == pytest.approx([samples[2].resistivity, samples[2].hall_resistivity, 0.0], abs=1e-15)
    np.testing.assert_allclose(found["fitted"], found["measured"], rtol=1e-9)
    np.testing.assert_allclose(found["measured"], [s.hall_resistivity for s in samples], rtol=1e-12)
    np.testing.assert_allclose(found["fitted_resistivity"], [s.resistivity for s in samples], rtol=1e-9)


def test_one_layer_has_the_textbook_hall_conductivity():
    rho, hall = 2e-6, 3e-8
    errors = {"resistivity_error": 1e-8, "hall_resistivity_error": 1e-9}
    film = [
        {"a": 1e-8, "b": 0.0, "resistivity": rho, "hall_resistivity": hall, **errors},
        {"a": 0.0, "b": 1e-8, "resistivity": rho, "hall_resistivity": -hall, **errors},
    ]
    found = layer_anomalous_hall(film)
    assert number(found, "anomalous_hall_conductivity_a") == pytest.approx(hall / (rho**2 + hall**2))
    assert number(found, "anomalous_hall_conductivity_b") == pytest.approx(-hall / (rho**2 + hall**2))
    error = found["error"].sel(parameter="anomalous_hall_conductivity_a").item()
    slope = np.array([-2 * rho * hall, rho**2 - hall**2]) / (rho**2 + hall**2) ** 2
    assert error == pytest.approx(np.hypot(slope[0] * 1e-8, slope[1] * 1e-9))


def check_coverage(z, factors=(1.0, 1.959964)):
    """500 standardized deviations a column: unbiased, and inside one and two errors as often as they should be."""
    assert (abs(z.mean(axis=0)) < 4 * z.std(axis=0) / np.sqrt(len(z))).all()
    assert abs((abs(z) < factors[0]).mean(axis=0) - 0.6827) == pytest.approx(0, abs=0.055)
    assert abs((abs(z) < factors[1]).mean(axis=0) - 0.95) == pytest.approx(0, abs=0.025)


@pytest.mark.study
def test_errors_of_layer_conductivities_and_predictions_cover_the_truth():
    rng = np.random.default_rng(5)
    other = of_cells(7, 5)
    impedance = 12 / (np.array([7, 5]) @ (SIGMA - 1j * HALL))
    truth = np.r_[SIGMA, HALL, 1 / SIGMA, impedance.real, impedance.imag]
    z, quality = [], []
    for _ in range(500):
        found = layer_anomalous_hall(films(rng))
        said = predict(found, other)
        values, errors = (np.r_[found[k].values, said[k].values] for k in ("value", "error"))
        z.append((values - truth) / errors)
        quality.append(found.attrs["p_value"])
    check_coverage(np.array(z))
    assert np.mean(quality) == pytest.approx(0.5, abs=0.06)


@pytest.mark.study
def test_several_samples_are_predicted_together_and_compared_with_what_was_measured():
    rng = np.random.default_rng(7)
    z = []
    for _ in range(300):
        found = parallel_layers(films(rng))
        truth = 12 / (np.array([7, 5]) @ SIGMA)
        own = truth * (1 + 0.003 * rng.normal())
        samples = [
            of_cells(7, 5, resistivity=own, resistivity_error=0.003 * truth),
            {**vars(of_cells(7, 5)), "name": "x"},
        ]
        said = predict(found, samples)
        z.append(number(said, "deviation_A7/B5") / said["error"].sel(parameter="deviation_A7/B5").item())
        assert number(said, "deviation_A7/B5") == pytest.approx(own - number(said, "resistivity_x"))
        assert number(said, "resistivity_A7/B5") == number(said, "resistivity_x")
        both = said["covariance"].sel(parameter="resistivity_A7/B5", parameter_other="resistivity_x").item()
        assert both == pytest.approx(said["error"].sel(parameter="resistivity_x").item() ** 2)
    check_coverage(np.array(z)[:, None])


def test_predictions_are_refused_of_other_results_and_of_names_that_come_twice():
    found = parallel_layers(films(np.random.default_rng(0)))
    with pytest.raises(MeasurementError, match="a result of parallel_layers"):
        predict(predict(found, of_cells(7, 3)), [of_cells(7, 3)])
    with pytest.raises(MeasurementError, match="names one twice") as caught:
        predict(found, [of_cells(7, 3), of_cells(7, 3)])
    assert caught.value.field == "samples"
    negative = found.copy(deep=True)
    negative["value"][:2] *= -1
    with pytest.raises(MeasurementError, match="sheet conductance comes out as -"):
        predict(negative, [of_cells(7, 3)])


@pytest.mark.study
def test_errors_from_scatter_cover_the_truth_with_students_factor():
    from scipy.stats import t

    rng = np.random.default_rng(6)
    found = [parallel_layers(films(rng, errors=False)) for _ in range(500)]
    z = np.array([(f["value"].values[:2] - SIGMA) / f["error"].values[:2] for f in found])
    assert found[0].attrs["degrees_of_freedom"] == 4
    assert found[0].attrs["factor_95"] == pytest.approx(t.ppf(0.975, 4))
    check_coverage(z, (t.ppf(0.8413, 4), found[0].attrs["factor_95"]))


def test_layers_that_do_not_keep_their_conductivity_are_noticed():
    samples = films(np.random.default_rng(1), relative=0.005, interface=-1e-4)
    found = parallel_layers(samples)
    assert found.attrs["p_value"] < 0.01
    assert "do not describe" in found.attrs["remark"]


def test_as_many_unknowns_as_films_without_errors_have_no_errors():
    found = parallel_layers([of_cells(10, 2, resistivity=1e-5), of_cells(2, 6, resistivity=3e-6)])
    assert np.isnan(found["error"].values).all()
    assert "none can be stated" in found.attrs["remark"]


@pytest.mark.parametrize(
    ("samples", "says"),
    [
        ([], "samples"),
        ([3], "sample 1"),
        ([{"a": 1e-9}], "required: a, b"),
        ([{"a": 1e-9, "b": 1e-9, "rho": 1}], "rho"),
        ([{"a": 10, "b": 2}], "of_cells"),
        ([{"a": -1e-9, "b": 2e-9}], "a: got"),
        ([{"a": 0, "b": 0}], "at least one"),
        ([{"a": float("nan"), "b": 1e-9}], "finite"),
        ([{"a": 1e-9, "b": 1e-9, "repeats": 2.5}], "repeats"),
        ([{"a": 1e-9, "b": 1e-9, "repeats": "ten"}], "repeats"),
        ([{"a": "1 nm", "b": 1e-9}], "finite"),
        ([{"a": 1e-9, "b": 1e-9, "conducting": "c"}], "conducting"),
        ([{"a": 1e-9, "b": 1e-9, "resistivity": -1e-6}], "resistivity"),
        ([{"a": 1e-9, "b": 1e-9}], r"superlattice\.resistivity: missing"),
        ([{"a": 1e-9, "b": 1e-9, "resistivity": 1e-6}] * 3, "tell A, B apart"),
        ([{"a": 1e-9, "b": 1e-9, "resistivity": 1e-6}, {"a": 4e-9, "b": 4e-9, "resistivity": 1e-6}], "apart"),
        (
            [
                {"a": 1e-9, "b": 1e-9, "resistivity": 1e-6, "resistivity_error": 1e-8},
                {"a": 2e-9, "b": 1e-9, "resistivity": 1e-6},
            ],
            "for some",
        ),
    ],
)
def test_wrong_samples_are_refused(samples, says):
    with pytest.raises(MeasurementError, match=says):
        parallel_layers(samples)


def test_all_that_is_wrong_with_several_samples_is_told_at_once():
    with pytest.raises(MeasurementError) as caught:
        parallel_layers([{"a": -1e-9, "b": 1e-9, "repeats": 0, "name": "C1"}, {"a": 1e-9}, 3])
    assert [(e.where, e.field) for e in caught.value.errors] == [
        ("C1", "a"),
        ("C1", "repeats"),
        ("sample 2", ""),
        ("sample 3", ""),
    ]
    with pytest.raises(MeasurementError) as caught:
        layer_anomalous_hall([of_cells(10, 2, resistivity=1e-5, resistivity_error=1e-7, name="C10/L2")])
    assert [e.field for e in caught.value.errors] == ["hall_resistivity", "hall_resistivity_error"]
    assert caught.value.where == "C10/L2"


def test_hall_data_need_their_errors():
    with pytest.raises(MeasurementError, match="hall_resistivity_error"):
        layer_anomalous_hall([of_cells(10, 2, resistivity=1e-5, resistivity_error=1e-7, hall_resistivity=1e-9)])
