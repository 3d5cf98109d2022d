"""``spinstack fit``: the template runs; what does not fit has an exit code and words; pages and films stand alone."""

import re
from pathlib import Path

import pytest
from commands import refused
from fit_files import SMALL

from spinstack.cli import main


@pytest.mark.study
def test_the_template_fits_and_its_films_show(sample, capsys):
    assert main(["new", "fit.toml", "--template", "fit"]) == 0
    assert "Next: spinstack fit fit.toml" in capsys.readouterr().out
    assert main(["fit", sample(SMALL, "small.toml"), "-o", "out"]) == 0
    out = capsys.readouterr().out
    assert "The model fits" in out
    assert "is known to" in out
    names = {str(p.relative_to("out")) for p in Path("out").rglob("*.*") if p.suffix != ".pdf"}
    assert names == {
        "fit.nc", "parameters.csv", "data.csv", "report.html", "figures/residuals.png",
        "figures/correlations.png", "figures/curves.png", *(f"films/{t}_nm.toml" for t in (2, 3, 5, 8, 12)),
    }  # fmt: skip
    assert main(["show", "out/films/5_nm.toml"]) == 0
    page = Path("out/report.html").read_text(encoding="utf-8")
    assert not re.search(r"(?:src|href)=\"(?!data:|#)", page)
    for words in ("Pt.spin_diffusion_length", "The model fits", "What the data determine", "SHA-256"):
        assert words in page


@pytest.mark.study
def test_what_does_not_fit_is_told_and_has_exit_code_1(sample, capsys):
    text = SMALL.replace('"0.0519 %"', '"0.0919 %"') + "\n[output]\nfigures = []\n"
    assert main(["fit", sample(text, "bad.toml"), "-o", "out"]) == 1
    assert "The model does not fit" in capsys.readouterr().out
    assert "Does not fit" in Path("out/report.html").read_text(encoding="utf-8")


def test_a_file_that_is_wrong_leaves_nothing(sample, capsys):
    text = SMALL.replace('relative = "5 %"', 'relative = "1 K"')
    assert "fit.data[0].errors.relative" in refused(capsys, ["fit", sample(text, "bad.toml"), "-o", "out"], None)
    assert not Path("out").exists()


def test_what_is_not_in_the_file_cannot_be_compared(sample, capsys):
    said = refused(capsys, ["fit", sample(SMALL, "small.toml"), "--next", "-o", "out"], None)
    assert "mechanisms: missing: there is nothing to compare" in said
    assert "candidate: missing: what could be measured next" in said
    assert not Path("out").exists()
