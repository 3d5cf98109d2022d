"""Draws of a fit: kept with everything else in one file, read again, refused where they are not to be believed."""

import os

import numpy as np
import pytest
import xarray as xr
from fit_files import SMALL

import spinstack as ss
from spinstack.cli import main
from spinstack.stack import ParameterError
from spinstack.study import Run, read_fit_study
from spinstack.study import fit as studies
from spinstack.study.fit_folder import FitFolder
from spinstack.study.fit_reader import asked
from spinstack.text import optional

BARE = SMALL + "\n[output]\nfigures = []\n"


@pytest.fixture
def drawn(monkeypatch):
    """Draws that cost nothing, and the arguments with which they were asked for."""
    calls = []

    def posterior(problem, found, **settings):
        calls.append(settings)
        shape = (settings["chains"], settings["draws"])
        rng = np.random.default_rng(settings["seed"])
        variables = {
            c.name: (("chain", "draw"), c.prior.value(rng.normal(size=shape)), {"units": c.unit, "path": c.path})
            for c in problem.coordinates
        }
        stats = {"diverging": (("chain", "draw"), np.zeros(shape, dtype=bool))}
        said = {"method": "nuts", "rhat": 1.001, "effective_draws": 1500.0, "divergences": 0}
        groups = {"/": xr.Dataset(attrs=said), "posterior": xr.Dataset(variables), "sample_stats": xr.Dataset(stats)}
        return xr.DataTree.from_dict(groups)

    monkeypatch.setattr(studies, "posterior", posterior)
    monkeypatch.setattr("spinstack.study.fit_reader.check_method", lambda *_: None)
    return calls


@pytest.mark.study
def test_all_that_was_found_is_one_tree_that_is_read_again(tmp_path, drawn):
    file, out = tmp_path / "fit.toml", tmp_path / "out"
    text = BARE + "\n[posterior]\ndraws = 120\nchains = 3\nseed = 5\n"
    file.write_text(text, encoding="utf-8")

    def run(posterior):
        made = Run(asked(read_fit_study(file), False, False, posterior), FitFolder(out))
        names = [r.name for r in made]
        assert made.failures == []
        return names

    assert run(True) == ["fit", "posterior", "curves", "films"]
    assert drawn == [{"method": "nuts", "draws": 120, "chains": 3, "seed": 5}]
    assert os.listdir(out) == ["fit.nc"]
    with xr.open_datatree(out / "fit.nc") as tree:
        assert {*tree.children} == {"fit", "posterior", "curves", "films"}
        assert tree.attrs["fit_file"] == text
        assert tree["posterior/posterior"].sizes == {"chain": 3, "draw": 120}
        assert tree["posterior"].attrs["rhat"] == 1.001
    found = ss.load_fit(file, out)
    assert isinstance(found, ss.FitResult)
    assert found.values == pytest.approx(dict(zip(found.values, found.dataset["value"].values, strict=True)))
    draws = found.tree["posterior/posterior/Pt.conductivity"]
    assert draws.attrs["units"] == "S/m"
    assert run(True)[1] == "posterior"
    assert len(drawn) == 1
    assert "posterior" not in run(False)  # who does not ask again loses nothing
    assert "posterior" in ss.load_fit(file, out).tree
    file.write_text(text.replace("78.6", "78.7"), encoding="utf-8")
    with pytest.raises(ParameterError, match="of another problem"):
        ss.load_fit(file, out)
    run(False)
    assert "posterior" not in ss.load_fit(file, out).tree


def test_results_that_are_not_there_are_refused(tmp_path):
    (tmp_path / "fit.toml").write_text(SMALL, encoding="utf-8")
    with pytest.raises(ParameterError, match=r"results: got '.*out', there is no such file. .*spinstack fit FILE.toml"):
        ss.load_fit(tmp_path / "fit.toml", tmp_path / "out")


def test_draws_that_are_not_to_be_believed_cost_nothing_else_and_have_exit_code_1(tmp_path, monkeypatch, capsys, drawn):
    def refuses(*_, **__):
        raise ParameterError("not to be believed: chains that disagree, rhat 1.2 instead of at most 1.01")

    monkeypatch.setattr(studies, "posterior", refuses)
    file, out = tmp_path / "fit.toml", tmp_path / "out"
    file.write_text(BARE, encoding="utf-8")
    assert main(["fit", str(file), "--posterior", "-o", str(out)]) == 1
    said = capsys.readouterr()
    assert "chains that disagree, rhat 1.2 instead of" in said.err
    assert "The model fits" in said.out
    assert "chains that disagree" in (out / "report.html").read_text(encoding="utf-8")
    assert "posterior" not in ss.load_fit(file, out).tree


def test_who_lacks_the_extra_is_told_before_anything_is_fitted(tmp_path, monkeypatch, capsys):
    def missing(name):
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr(optional, "import_module", missing)
    (tmp_path / "fit.toml").write_text(SMALL, encoding="utf-8")
    assert main(["fit", str(tmp_path / "fit.toml"), "--posterior", "-o", str(tmp_path / "out")]) == 2
    assert "pip install 'spinstack[bayes]'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.study
def test_draws_stand_in_table_page_and_figure(tmp_path, capsys):
    pytest.importorskip("numpyro")
    file, out = tmp_path / "fit.toml", tmp_path / "out"
    file.write_text(SMALL + '\n[output]\nfigures = ["png"]\n', encoding="utf-8")
    assert main(["fit", str(file), "--posterior", "-o", str(out)]) == 0
    assert "4 chains of 1000 draws by NUTS" in capsys.readouterr().out
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Draws from the distribution" in page
    assert (out / "figures" / "posterior.png").exists()
    found = ss.load_fit(file, out)
    for name, values in found.tree["posterior/posterior"].data_vars.items():
        assert abs(float(values.mean()) - found.values[name]) < found.errors[name]
