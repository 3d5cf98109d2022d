"""Fit files that no one should write, and what is said of them: the line, the field, what arrived, what is allowed."""

import re

import pytest

from spinstack.samples.starter import starter
from spinstack.study import read_fit_study
from spinstack.text.document import SampleError

FIT = starter("fit", "fit.toml")
BIG = "9" * 400
PARAMETER = "\n[[fit.parameter]]\n"
DATA = '\n[[fit.data]]\nsample = "2 nm"\n'
MR = f'{DATA}observable = "magnetoresistance"\n'
TIE = "\n[[fit.tie]]\n"
LAMBDA = '{ loguniform = ["0.5 nm", "5 nm"] }'
RATIOS = '["0.0444 %", "0.0557 %", "0.0519 %", "0.0369 %", "0.0268 %"]'

#: what is changed in the starter file, where it is wrong, what is said
CHANGED = {
    "no starts": ("starts = 10 ", "starts = 0 ", "fit.starts", "a whole number from 1"),
    "starts with a point": ("starts = 10 ", "starts = 10.0 ", "fit.starts", "a whole number"),
    "starts of 400 digits": ("starts = 10 ", f"starts = {BIG} ", "fit.starts", "from 1 to 10000"),
    "a seed below zero": ("seed = 0", "seed = -1", "fit.seed", "from 0"),
    "an unknown setting": ("seed = 0", "sead = 0", "fit.sead", "Did you mean 'seed'?"),
    "profiles of what is not fitted": (
        "seed = 0",
        'profiles = ["Pt.theta"]',
        "fit.profiles[0]",
        "is no fitted parameter",
    ),
    "profiles in a number": ("seed = 0", "profiles = 3", "fit.profiles", "true or false"),
    "a film beside a film": ("seed = 0", 'film = "pt.toml"', "fit.film", "beside [[film]] in this file"),
    "[fit] twice": ("seed = 0", "seed = 0\n[fit]\nstarts = 3", "", "not valid TOML"),
    "an unknown table": ("[[fit.sample]]", "[[fit.samples]]", "fit.samples", "Did you mean 'sample'?"),
    "an unknown table at the top": ("seed = 0", "seed = 0\n[scan]\nx = 1", "scan", "for an unknown field"),
    "a sample twice": ('name = ["2 nm", "3 nm"', 'name = ["2 nm", "2 nm"', "fit.sample[0].name[1]", "twice"),
    "a sample without name": (
        'name = ["2 nm", "3 nm", "5 nm", "8 nm", "12 nm"]\n',
        "",
        "fit.sample[0].name",
        "missing",
    ),
    "a sample whose name is a number": ('name = ["2 nm", "3 nm"', 'name = [2, "3 nm"', "fit.sample[0].name[0]", "text"),
    "a name that moves the cursor": ('name = ["2 nm"', 'name = ["2\\u001b[31m nm"', "fit.sample[0].name[0]", "text"),
    "fewer values than samples": (
        'set = { "Pt.thickness" = ["2 nm", ',
        'set = { "Pt.thickness" = [',
        "fit.sample[0].set.Pt.thickness",
        "a list with one for each of 5 samples",
    ),
    "a thickness in kelvin": (
        'set = { "Pt.thickness" = ["2 nm", ',
        'set = { "Pt.thickness" = ["2 K", ',
        "fit.sample[0].set.Pt.thickness[0]",
        "does not convert to m",
    ),
    "a thickness below zero": (
        'set = { "Pt.thickness" = ["2 nm", ',
        'set = { "Pt.thickness" = ["-2 nm", ',
        "fit.sample[0].set",
        "too small",
    ),
    "set that is text": (
        re.search(r"set = .*", FIT)[0],
        'set = "Pt.thickness"',
        "fit.sample[0].set",
        "which is not a table",
    ),
    "a parameter of no layer": ('"Pt.thickness" = [', '"Au.thickness" = [', "fit.sample[0].set.Au.thickness", "Au"),
    "groups in text": ("[[fit.sample]]", '[[fit.sample]]\ngroups = "A"', "fit.sample[0].groups", "a table such as"),
    "a group called all": (
        "[[fit.sample]]",
        '[[fit.sample]]\ngroups = { all = "A" }',
        "fit.sample[0].groups.all",
        "not called all",
    ),
    "a sample of a film that is not there": (
        "[[fit.sample]]",
        '[[fit.sample]]\nfilm = "gone.toml"',
        "fit.sample[0].film",
        "there is no such file",
    ),
    "a prior without kind": (LAMBDA, "{ about = 3 }", "fit.parameter[1].prior", "lognormal"),
    "a prior in text": (LAMBDA, '"1 nm"', "fit.parameter[1].prior", "lognormal"),
    "no prior": (f"prior = {LAMBDA}\n", "", "fit.parameter[1].prior", "missing"),
    "two priors at once": (
        LAMBDA,
        '{ uniform = ["1 nm", "2 nm"], relative = "3 %" }',
        "fit.parameter[1].prior",
        "at once",
    ),
    "a prior in another unit": (
        LAMBDA,
        '{ loguniform = ["0.5 T", "5 nm"] }',
        "fit.parameter[1].prior.loguniform[0]",
        "does not convert to m",
    ),
    "a prior without unit": (LAMBDA, "{ uniform = [1e-9, 2e-9] }", "fit.parameter[1].prior.uniform[0]", "no unit"),
    "a prior with one end": (LAMBDA, '{ uniform = ["1 nm"] }', "fit.parameter[1].prior.uniform", "a list of two ends"),
    "a prior whose ends are turned": (
        LAMBDA,
        '{ uniform = ["2 nm", "1 nm"] }',
        "fit.parameter[1].prior.uniform[1]",
        "greater than low",
    ),
    "a prior of no width": (
        LAMBDA,
        '{ normal = "1 nm", deviation = "0 nm" }',
        "fit.parameter[1].prior.deviation",
        "greater than 0",
    ),
    "a prior without width": (LAMBDA, '{ normal = "1 nm" }', "fit.parameter[1].prior.deviation", "missing"),
    "a factor below one": ("factor = 2 } ", "factor = 0.5 } ", "fit.parameter[0].prior.factor", "greater than 1"),
    "a factor with a unit": ("factor = 2 } ", 'factor = "2 nm" } ', "fit.parameter[0].prior.factor", "a pure number"),
    "powers of ten from zero": (
        LAMBDA,
        '{ loguniform = ["0 nm", "5 nm"] }',
        "fit.parameter[1].prior.loguniform[0]",
        "greater than 0",
    ),
    "a prior that is not finite": (
        LAMBDA,
        '{ uniform = ["1 nm", "inf nm"] }',
        "fit.parameter[1].prior.uniform[1]",
        "infinite",
    ),
    "a prior of NaN": ("lognormal = 0.08", "lognormal = nan", "fit.parameter[0].prior.lognormal", "NaN"),
    "a prior outside of the range": (
        LAMBDA,
        '{ uniform = ["-2 nm", "-1 nm"] }',
        "fit.parameter[1].prior",
        "nothing of the range",
    ),
    "a material that is none": (
        LAMBDA,
        '{ material = "Unobtainium" }',
        "fit.parameter[1].prior.material",
        "Unobtainium",
    ),
    "a material of another temperature": (
        LAMBDA,
        '{ material = "Pt", T = "9000 K" }',
        "fit.parameter[1].prior.material",
        "has no value",
    ),
    "a material at a length": (LAMBDA, '{ material = "Pt", T = "3 nm" }', "fit.parameter[1].prior.T", "convert to K"),
    "a material and a value": (
        LAMBDA,
        '{ material = "Pt", lognormal = "1 nm" }',
        "fit.parameter[1].prior.lognormal",
        "unknown",
    ),
    "scatter of what each sample has": (
        'each = "sample" ',
        'each = "sample"\nscatter = "20 %"',
        "fit.parameter[4].scatter",
        "values of their own",
    ),
    "scatter in nanometres": ("factor = 3 }", 'factor = 3 }\nscatter = "1 nm"', "fit.parameter[3].scatter", "a pure"),
    "an unknown in a sample that is none": (
        "factor = 3 }",
        'factor = 3 }\nsamples = ["1 nm"]',
        "fit.parameter[3].samples[0]",
        "is no sample",
    ),
    "draws by another method": ("seed = 0", 'seed = 0\n[posterior]\nmethod = "mcmc"', "posterior.method", "'nested'"),
    "few draws": ("seed = 0", "seed = 0\n[posterior]\ndraws = 10", "posterior.draws", "from 100"),
    "one chain": ("seed = 0", "seed = 0\n[posterior]\nchains = 1", "posterior.chains", "from 2"),
    "chains of nested sampling": (
        "seed = 0",
        'seed = 0\n[posterior]\nmethod = "nested"\nchains = 4',
        "posterior.chains",
        "has no chains",
    ),
    "an unknown key of draws": ("seed = 0", "seed = 0\n[posterior]\ntune = 1", "posterior.tune", "Allowed: method"),
    "a robust number": ("seed = 0", "robust = 1", "fit.robust", "true or false"),
    "a meter in text": ('systematic = "2 %"', 'meter = "offset"', "fit.data[1].meter", "a table of"),
    "a drift of single values": (
        'systematic = "2 %"',
        'meter = { drift = "1 Ohm" }',
        "fit.data[1].meter.drift",
        "a single value",
    ),
    "a weight below zero": ('systematic = "2 %"', "weight = -1", "fit.data[1].weight", "greater than 0"),
    "an unknown key of a prior": (
        LAMBDA,
        '{ loguniform = ["0.5 nm", "5 nm"], sigma = 1 }',
        "fit.parameter[1].prior.sigma",
        "unknown field",
    ),
    "a parameter that is misspelt": (
        'path = "Pt.conductivity"',
        'path = "Pt.conductvity"',
        "fit.parameter[2].path",
        "Did you mean 'conductivity'",
    ),
    "a parameter of another film": (
        'path = "Pt.conductivity"',
        'path = "Co.conductivity"',
        "fit.parameter[2].path",
        "Co",
    ),
    "a complex parameter": (
        'path = "YIG.mixing_conductance.real"',
        'path = "YIG.mixing_conductance"',
        "fit.parameter[3].path",
        "YIG.mixing_conductance.real or",
    ),
    "a parameter without path": ('path = "Pt.conductivity"\n', "", "fit.parameter[2].path", "missing"),
    "a path that is a number": ('path = "Pt.conductivity"\n', "path = 3\n", "fit.parameter[2].path", "text in quotes"),
    "a parameter twice": (
        'path = "YIG.mixing_conductance.real"',
        'path = "Pt.conductivity"',
        "fit.parameter[3].path",
        "twice",
    ),
    "each of no group": ('each = "sample" ', 'each = "batch" ', "fit.parameter[4].each", "in no group of"),
    "one relative thickness for all": ('each = "sample" ', 'each = "all" ', "fit.parameter[4].prior", "several values"),
    "a unit where the film says it": (
        'each = "sample" ',
        'each = "sample"\nunit = "m"',
        "fit.parameter[4].unit",
        "where the film says it",
    ),
    "an unknown key of a parameter": (
        'each = "sample" ',
        'every = "sample" ',
        "fit.parameter[4].every",
        "unknown field",
    ),
    "an unknown sample": (
        f'plane = "beta"\nvalues = {RATIOS}',
        'plane = "beta"\nvalues = []',
        "fit.data[0].values",
        "an entry for each of 5 samples",
    ),
    "no observable": ('observable = "magnetoresistance"\n', "", "fit.data[0].observable", "missing"),
    "an observable that is misspelt": (
        'observable = "magnetoresistance"',
        'observable = "magnetoresistence"',
        "fit.data[0].observable",
        "Did you mean",
    ),
    "a plane that is none": ('plane = "beta"', 'plane = "delta"', "fit.data[0].plane", "'beta'"),
    "an argument of another observable": (
        'plane = "beta"',
        'plane = "beta"\nangles = ["0 deg"]',
        "fit.data[0].angles",
        "unknown",
    ),
    "values in tesla": ('["0.0444 %"', '["0.0444 T"', "fit.data[0].values[0]", "a pure number"),
    "values with NaN alone": ('["0.0444 %"', "[nan", "fit.data[0].values[0]", "NaN"),
    "a value that is true": ('["0.0444 %"', "[true", "fit.data[0].values[0]", "a truth value"),
    "a value of 400 digits": ("values = [193.2", f"values = [{BIG}", "fit.data[1].values[0]", "too large"),
    "values without unit": ('unit = "Ohm"\n', "", "fit.data[1].values[0]", "no unit"),
    "a unit that is none": ('unit = "Ohm"', 'unit = "Ohn"', "fit.data[1].unit", "unknown"),
    "a unit of something else": ('unit = "Ohm"', 'unit = "T"', "fit.data[1].unit", "does not convert"),
    "no component": ('component = "xx"\n', "", "fit.data[1].component", "missing"),
    "a component that is none": ('component = "xx"', 'component = "zz"', "fit.data[1].component", "'xx'"),
    "a magnet without direction": ('m = "y"\n', "", "fit.data[1].m", "no direction for YIG"),
    "no errors": ("errors = 0.1\n", "", "fit.data[1].errors", "missing"),
    "errors of zero": ("errors = 0.1\n", "errors = 0\n", "fit.data[1].errors", "greater than 0"),
    "errors below zero": ("errors = 0.1\n", "errors = -0.1\n", "fit.data[1].errors", "greater than 0"),
    "a relative error of zero": ('relative = "1 %"', 'relative = "0 %"', "fit.data[0].errors", "greater than 0"),
    "more errors than samples": ("errors = 0.1\n", "errors = [1, 1, 1, 1, 1, 1]\n", "fit.data[1].errors", "each of 5"),
    "a systematic error in ohm": (
        'systematic = "2 %"',
        'systematic = "2 Ohm"',
        "fit.data[1].systematic",
        "a pure number",
    ),
    "a systematic error below zero": (
        'systematic = "2 %"',
        'systematic = "-2 %"',
        "fit.data[1].systematic",
        "relative",
    ),
    "correlations of another size": (
        'systematic = "2 %"',
        "correlations = [[1, 0], [0, 1]]",
        "fit.data[1].correlations",
        "a list of 1 lists",
    ),
    "a theory that is none": (
        'systematic = "2 %"',
        'solver = "boltzman"',
        "fit.data[1].solver",
        "Did you mean 'boltzmann'?",
    ),
    "data named like others": (
        'systematic = "2 %"',
        f'name = "R"\n{DATA}observable = "sheet_resistance"\nm = "y"\nname = "R 2 nm"\n'
        'component = "xx"\nvalues = "1 Ohm"\nerrors = "1 Ohm"',
        "fit.data[2].name",
        "twice",
    ),
}

#: what is added to the starter file, where it is wrong, what is said
ADDED = {
    "data of no sample": (
        MR.replace("2 nm", "7 nm") + 'plane = "beta"\nvalues = 1\nerrors = 1\n',
        "fit.data[2].sample",
        "is no sample",
    ),
    "data of a sample twice": (
        MR.replace('"2 nm"', '["2 nm", "2 nm"]') + 'plane = "beta"\nvalues = 1\nerrors = 1\n',
        "fit.data[2].sample[1]",
        "twice",
    ),
    "data that say nothing": (DATA, "fit.data[2].observable", "missing"),
    "values of no variable": (
        f'{DATA}observable = "angular_scan"\nplane = "beta"\nangles = ["0 deg", "90 deg"]\n'
        "values = { R_xz = [1, 2] }\nerrors = 1\n",
        "fit.data[2].values.R_xz",
        "R_xx",
    ),
    "fewer values than angles": (
        f'{DATA}observable = "angular_scan"\nplane = "beta"\nangles = ["0 deg", "90 deg"]\n'
        "values = { MR_xx = [1] }\nerrors = 1\n",
        "fit.data[2].values.MR_xx",
        "2 numbers",
    ),
    "one error for two units": (
        f'{DATA}observable = "angular_scan"\nplane = "beta"\nangles = ["90 deg"]\n'
        'values = { MR_xx = [0.1], R_xx = ["3 Ohm"] }\nerrors = 1\n',
        "fit.data[2].errors",
        "1 and Ohm",
    ),
    "a tie in a circle": (
        f'{TIE}path = "YIG.mixing_conductance.imag"\nequals = "0.1 * YIG.spin_sink_conductance"\n'
        f'{TIE}path = "YIG.spin_sink_conductance"\nequals = "YIG.mixing_conductance.imag"\n',
        "fit.tie[0].path",
        "in a circle",
    ),
    "a tie in another unit": (
        f'{TIE}path = "YIG.mixing_conductance.imag"\nequals = "Pt.conductivity"\n',
        "fit.tie[0].equals",
        "which is in S/m",
    ),
    "a tie that is no arithmetic": (
        f'{TIE}path = "YIG.mixing_conductance.imag"\nequals = "__import__(\'os\')"\n',
        "fit.tie[0].equals",
        "Allowed",
    ),
    "a tie with a name of nothing": (
        f'{TIE}path = "YIG.mixing_conductance.imag"\nequals = "s * YIG.mixing_conductance.real"\n',
        "fit.tie[0].equals",
        "which is no unknown",
    ),
    "a tie of an unknown": (
        f'{TIE}path = "Pt.conductivity"\nequals = "(2e6 S/m)"\n',
        "fit.tie[0].path",
        "which is an unknown, too",
    ),
    "a tie without right side": (f'{TIE}path = "Pt.conductivity"\n', "fit.tie[0].equals", "missing"),
    "a tie of no sample": (
        f'{TIE}path = "YIG.mixing_conductance.imag"\nequals = "(1e13 S/m^2)"\nsamples = ["1 nm"]\n',
        "fit.tie[0].samples",
        "no sample that was measured",
    ),
    "an unknown that no tie uses": (
        f'{PARAMETER}path = "s"\nprior = {{ normal = 0, deviation = 1 }}\n',
        "fit.parameter[5].path",
        "No tie uses it",
    ),
    "an unknown in a unit that is none": (
        f'{PARAMETER}path = "s"\nunit = "nm"\nprior = {{ normal = 0, deviation = 1 }}\n',
        "fit.parameter[5].unit",
        "base units of SI",
    ),
    "figures of no kind": ('\n[output]\nfigures = ["bmp"]\n', "output.figures[0]", "'png'"),
}


def refused(tmp_path, text):
    """Everything that is said of a file."""
    file = tmp_path / "fit.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SampleError) as caught:
        read_fit_study(file)
    return caught.value


def said(error, where, words):
    """Whether one of the complaints is about a field, and says so; with the line that it is in."""
    found = [e for e in error.errors if e.words == where and words in str(e).replace("\n", " ")]
    assert found, str(error)
    assert found[0].line is not None


@pytest.mark.parametrize("case", CHANGED)
def test_a_careless_change_is_refused(tmp_path, case):
    old, new, where, words = CHANGED[case]
    assert old in FIT
    said(refused(tmp_path, FIT.replace(old, new, 1)), where, words)


@pytest.mark.parametrize("case", ADDED)
def test_what_should_not_be_added_is_refused(tmp_path, case):
    more, where, words = ADDED[case]
    said(refused(tmp_path, FIT + more), where, words)


WHOLE = {
    "an empty file": ("", "missing, the version"),
    "nothing but a version": ("spinstack = 1", "missing, the film that was measured"),
    "a film alone": (FIT[: FIT.index("\n[fit]\n")], "no [[fit.parameter]]"),
    "a newer format": (FIT.replace("spinstack = 1 ", "spinstack = 9 "), "newer than this program"),
    "Latin-1": (FIT.replace("Pt on YIG", "Pt on Gdº").encode("latin-1"), "not UTF-8"),
    "UTF-16": (FIT.encode("utf-16"), "UTF-16"),
    "a program": (b"\x7fELF\0\0\0", "a binary file"),
    "brackets": ("spinstack = 1\nx = " + "[" * 5000, "nested too deeply"),
    "a film that is wrong": (FIT.replace('thickness = "4 nm"', 'thickness = "4 K"'), "does not convert to m"),
    "half of a file": (FIT[:-40], "not valid TOML"),
}


@pytest.mark.parametrize("case", WHOLE)
def test_a_file_that_is_none_is_refused(tmp_path, case):
    text, words = WHOLE[case]
    assert words in str(refused(tmp_path, text))


def test_everything_wrong_is_told_at_once(tmp_path):
    text = FIT
    for old, new, *_ in (CHANGED[n] for n in ("no starts", "a factor below one", "values in tesla", "no component")):
        text = text.replace(old, new, 1)
    assert len(refused(tmp_path, text).errors) == 4
