"""Runs of studies: results as they come, progress, cancellation, what fails, what an earlier run has left."""

import threading

import numpy as np
import pytest
import xarray as xr
from sample_texts import BILAYER

import spinstack as ss
from spinstack.observables import sweeps
from spinstack.study import Folder, Run, read_film_study
from spinstack.text.document import parse_document

REQUESTS = """
[[scan]]
name = "turn"
plane = "beta"
angles = ["0 deg", "90 deg"]
[[torque]]
angles = ["0 deg", "45 deg"]
[[map]]
name = "mr"
over = { "Pt.thickness" = { start = "1 nm", stop = "9 nm", points = 12 } }
"""


def study(text=REQUESTS):
    return read_film_study(parse_document(BILAYER + text))


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(sweeps, "CHUNK", 4)


def test_results_come_one_by_one_each_stored_before_the_next(tmp_path):
    run = Run(study(), Folder(tmp_path / "out"))
    seen = []
    for result in run:
        seen.append((result.name, sorted(p.name for p in (tmp_path / "out").iterdir())))
    assert seen == [("turn", ["turn.nc"]), ("torque", ["torque.nc", "turn.nc"]),
                    ("mr", ["mr.nc", "torque.nc", "turn.nc"])]  # fmt: skip
    assert run.complete == ["turn", "torque", "mr"]
    assert run.interrupted == ""


def test_a_run_needs_no_folder():
    film = ss.Film(study().film.elements)
    (turn, torque, mr) = (result.dataset for result in Run(study()))
    np.testing.assert_array_equal(turn["R_xx"][0], ss.angular_scan(film, "beta", [0, 90])["R_xx"])
    assert torque.sizes["angle"] == 2
    assert mr["magnetoresistance"].sizes == {"Pt.thickness": 12}


def test_every_result_says_what_made_it():
    for result in Run(study()):
        attrs = result.dataset.attrs
        assert attrs["title"] == "a bilayer"
        assert attrs["spinstack_version"] == ss.__version__
        assert attrs["solver"] == "drift-diffusion"
        assert attrs["request"] == result.request.do
        assert result.request.name in attrs["sample_file"] or result.request.name == "torque"
        assert len(attrs["request_key"]) == 64


def test_progress_names_the_request_and_counts_its_parts(small_chunks):
    told = []
    for _ in Run(study(), progress=lambda *what: told.append(what)):
        pass
    assert told == [("turn", 0, 1), ("torque", 0, 1), ("mr", 0, 1), ("mr", 4, 12), ("mr", 8, 12), ("mr", 12, 12)]


@pytest.mark.parametrize("kind", ["event", "function"])
def test_cancelling_leaves_what_is_complete_and_the_parts_of_the_rest(tmp_path, small_chunks, kind):
    stop = threading.Event()
    folder = Folder(tmp_path)

    def progress(name, done, total):
        if done == 8:
            stop.set()

    run = Run(study(), folder, progress, stop if kind == "event" else stop.is_set)
    assert [result.name for result in run] == ["turn", "torque"]
    assert run.interrupted == "mr"
    assert not (tmp_path / "mr.nc").exists()
    assert folder.keeps("mr")


def test_ctrl_c_leaves_the_same_and_goes_on(tmp_path, small_chunks):
    def progress(name, done, total):
        if done == 8:
            raise KeyboardInterrupt

    run = Run(study(), Folder(tmp_path), progress)
    with pytest.raises(KeyboardInterrupt):
        list(run)
    assert (run.complete, run.interrupted) == (["turn", "torque"], "mr")


def test_the_next_run_computes_only_what_is_missing(tmp_path, small_chunks, monkeypatch):
    from spinstack.circuit import solve

    stop = threading.Event()
    list(Run(study(), Folder(tmp_path), lambda name, done, total: stop.set() if done == 8 else None, stop))
    solved = []
    whole = solve.sheet_conductance
    monkeypatch.setattr(solve, "sheet_conductance", lambda *a, **k: solved.append(whole(*a, **k)) or solved[-1])
    results = {r.name: r.dataset for r in Run(study(), Folder(tmp_path))}
    assert [G.size // 4 for G in solved] == [8]  # one chunk of four films with m along y and z; the scan was stored
    fresh = {r.name: r.dataset for r in Run(study())}
    for name, dataset in fresh.items():
        xr.testing.assert_equal(results[name], dataset)
        assert results[name].attrs["conditions"] == dataset.attrs["conditions"]


def test_a_stored_result_of_a_film_that_differs_in_its_last_digits_is_not_taken(tmp_path):
    tensor = "spin_hall_angle = [[0, {}], [0.05, 0], [0, 0]]"
    for number in ("0.1", "0.1000000001"):
        changed = BILAYER.replace("spin_hall_angle = 0.05", tensor.format(number))
        run = Run(read_film_study(parse_document(changed + REQUESTS)), Folder(tmp_path))
        key = next(iter(run)).dataset.attrs["request_key"]
        (tmp_path / "seen").write_text(key) if number == "0.1" else None
    assert key != (tmp_path / "seen").read_text()


@pytest.mark.study
@pytest.mark.parametrize("change", ['"90 deg"', "plane", "film"])
def test_a_stored_result_of_another_request_is_not_taken(tmp_path, change):
    list(Run(study(), Folder(tmp_path)))
    text = {'"90 deg"': REQUESTS.replace('"90 deg"', '"80 deg"'), "plane": REQUESTS.replace("beta", "gamma")}
    changed = (
        read_film_study(parse_document(BILAYER.replace('"5 nm"', '"6 nm"') + REQUESTS))
        if change == "film"
        else study(text[change])
    )
    got = next(iter(Run(changed, Folder(tmp_path)))).dataset
    want = next(iter(Run(changed))).dataset
    xr.testing.assert_equal(got, want)


def test_what_fails_costs_only_its_own_result(monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("no reason")

    monkeypatch.setattr("spinstack.circuit.solve.faces", broken)
    run = Run(study())
    assert [result.name for result in run] == ["turn", "mr"]
    (failure,) = run.failures
    assert failure.what == "torque[0] torque"
    assert failure.why == "unexpected ZeroDivisionError: no reason"
    assert isinstance(failure.error, ZeroDivisionError)


def test_a_full_disk_ends_the_run(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(xr.Dataset, "to_netcdf", full)
    with pytest.raises(OSError, match="No space"):
        list(Run(study(), Folder(tmp_path)))


def test_doubts_go_with_the_result(monkeypatch):
    import warnings

    from spinstack.circuit import solve

    whole = solve.sheet_conductance

    def doubtful(*args, **kwargs):
        warnings.warn("not quite", UserWarning, stacklevel=1)
        return whole(*args, **kwargs)

    monkeypatch.setattr(solve, "sheet_conductance", doubtful)
    assert [result.doubts for result in Run(study())] == [("not quite",), (), ("not quite",)]


def test_a_film_that_has_no_solution_is_refused_before_anything_is_computed():
    text = BILAYER.replace('"2 nm"', '"inf"').replace('"5 nm"\ndeph', '"inf"\ndeph')
    run = Run(read_film_study(parse_document(text + REQUESTS, "s.toml")), progress=lambda *_: pytest.fail("begun"))
    with pytest.raises(
        ss.SampleError, match=r"^s.toml, line \d+, scan\[0\]: Pt.spin_diffusion_length \[m\]: got inf"
    ) as caught:
        list(run)
    assert len(caught.value.errors) == 1  # one fault of the film, however many requests
