"""Command lines that no one should type: one line of what is wrong, an exit code, and nothing made or replaced."""

import os

import pytest
from sample_texts import BILAYER

from spinstack.cli import main

BARRIER = ["interface", "--barrier", "0.4", "--fermi-wavevector", "13.6 1/nm"]
LONG = "x" * 300

#: arguments -> words of the message
COMMANDS = {
    ("",): "An argument is empty",
    ("-",): 'Unknown command "-"',
    ("--",): 'Unknown command "--"',
    ("-v",): 'Unknown command "-v"',
    ("Run", "s.toml"): 'Did you mean "run"?',
    ("runs", "s.toml"): 'Did you mean "run"?',
    ("run", ""): "An argument is empty",
    ("run", "--"): "requires an argument",
    ("run", "-s.toml"): "Unknown option: -s.toml",
    ("run", "s.toml", "s.toml"): "Unused Tokens",
    ("run", "s.toml", "-o"): "-o requires an argument",
    ("run", "s.toml", "-o", "a", "-o", "b"): "specified multiple times",
    ("run", "s.toml", "--output=a", "--output", "b"): "specified multiple times",
    ("run", "s.toml", "-o", ""): "An argument is empty",
    ("run", "s.toml", "--output="): "An argument is empty",
    ("run", "s.toml", "-o", "a\0b"): "a NUL character",
    ("run", "s.toml", "-o", "loop"): "is a file, not a folder for results",
    ("run", "s.toml", "-o", "loop/deeper"): "is a file, not a folder for results",
    ("run", "s.toml", "-o", "gone"): "is a file, not a folder for results",
    ("run", "s.toml", "-o", "pipe"): "is a file, not a folder for results",
    ("run", "s.toml", "-o", "/dev/null"): "is a file, not a folder for results",
    ("run", "s.toml", "-o", "-x"): "-o requires an argument",
    ("run", "s.toml", "--out", "x"): "Did you mean --output?",
    ("run", "s.toml", "-O", "x"): "Unknown option: -O",
    ("run", "s.toml", "--figure", "x.png"): "Unknown option: --figure",
    ("run", "folder.toml"): "is a folder. Give the sample file in it.",
    ("run", "loop"): "there is no such file",
    ("run", "gone"): "there is no such file",
    ("run", "pipe"): "a device or larger than 10 MB",
    ("run", "/dev/zero"): "a device or larger than 10 MB",
    ("run", "*.toml"): "there is no such file. Did you mean",
    ("run", "s.tml"): "Did you mean 's.toml'",
    ("run", "s.csv"): "not valid TOML",
    ("run", "a\0b"): "a NUL character",
    ("run", LONG): "x: ",
    ("show", "s.toml", "--figure"): "requires an argument",
    ("show", "s.toml", "--figure", "film"): "names that end in .png, .pdf, .svg",
    ("show", "s.toml", "--figure", ".png"): "names that end in .png, .pdf, .svg",
    ("show", "s.toml", "--figure", "s.toml"): "names that end in .png, .pdf, .svg",
    ("show", "s.toml", "--figure", "a.png", "--figure", "b.png"): "specified multiple times",
    ("show", "s.toml", "-f", "a.png"): "Unknown option: -f",
    ("materials", "pt"): "Did you mean 'Pt'?",
    ("materials", "Pt", "Co"): "Unused Tokens",
    ("materials", "../Pt"): "which the library does not know",
    ("materials", "--all"): "Unknown option: --all",
    ("new", "s.toml"): "which exists already",
    ("new", "folder.toml"): "which is a folder",
    ("new", "loop"): "which exists already",
    ("new", "gone"): "which exists already",
    ("new", "/dev/full", "--force"): "it is a device, not a file",
    ("new", "n.toml", "--template", "x"): 'Choose from: "bilayer", "insulator"',
    ("new", "n.toml", "--template"): "requires an argument",
    ("new", "n.toml", "--force", "--force"): "specified multiple times",
    ("new", "n.toml", "--no-force"): "Unknown option: --no-force",
    ("new", "n.toml", "m.toml"): "Unused Tokens",
    ("new", "-n.toml"): "Unknown option: -n.toml",
    ("new", "n\0.toml"): "a NUL character",
    ("new", LONG): "File name too long",
    ("analyze",): "requires an argument",
    ("analyze", "s.toml"): "film: got",
    ("analyze", "s.csv"): "not valid TOML",
    ("analyze", "absent"): "Give the path of an analysis file",
    ("inspect", "folder.toml"): "which is not a file",
    ("inspect", "absent"): "which cannot be read",
    ("inspect", "empty.dat"): "is empty",
    ("inspect", "/dev/zero"): "which is not a file",
    ("inspect", "pipe"): "which is not a file",
    ("inspect", "loop"): "Too many levels of symbolic links",
    ("inspect", "s.csv", "--write"): "requires an argument",
    ("inspect", "s.csv", "--write", "s.csv"): "which is the measured file itself",
    ("inspect", "s.csv", "--write", "s.toml"): "which exists already",
    ("inspect", "s.csv", "--write", "no/x.toml"): "there is no folder no",
    ("help", "nothing_like_this"): "which nothing is called",
    ("help", "Spin_Hall_Angle"): "Did you mean 'spin_hall_angle'?",
    ("help", "spin_hall_angle", "x"): "Unused Tokens",
    ("help", "\x1b[31m"): r"'\x1b[31m'",
    ("interface", "x"): "Unused Tokens",
    ("interface", "--kind", "x"): "--kind: got 'x'. Allowed: 'barrier', 'scattering_data', 'delta_barrier'",
    ("interface", "--barrier", "0.4"): "--fermi-wavevector [1/m]: missing",
    ("interface", "--barrier", "0.4", "--fermi-wavevector", "13.6"): "which has no unit",
    ("interface", "--barrier", "0,4", "--fermi-wavevector", "13.6 1/nm"): "Write a decimal point",
    ("interface", "--barrier", "nan", "--fermi-wavevector", "13.6 1/nm"): "not a number (NaN)",
    ("interface", "--barrier", "1e400", "--fermi-wavevector", "13.6 1/nm"): "too large for a floating-point number",
    ("interface", "--barrier", "0.4", "--fermi-wavevector", "-13.6 1/nm"): "too small",
    (*BARRIER, "--barrier", "0.5"): "specified multiple times",
    (*BARRIER, "--m", "0,0,0"): "no direction",
    (*BARRIER, "--m", "0,0"): "three numbers with commas",
    (*BARRIER, "--m", "nan,0,1"): "not finite",
    (*BARRIER, "--mean-free-path", "2 nm"): "requires 2 positional arguments",
    (*BARRIER, "--mean-free-path", "2", "3"): "which has no unit",
    (*BARRIER, "--polarization", "2", "0"): "at most 1",
    (*BARRIER, "-o", "x.txt"): "names that end in .csv, .nc",
    (*BARRIER, "--figure", "x.bmp"): "names that end in .png, .pdf, .svg",
    (*BARRIER, "--rashb", "0.1"): "--rashb: got",
}


@pytest.fixture
def odd(here):
    """A folder with things that are no files of this program."""
    for name, text in {"s.toml": BILAYER, "-s.toml": BILAYER, "s.csv": "a,b\n1,2\n", "empty.dat": ""}.items():
        (here / name).write_text(text, encoding="utf-8")
    (here / "folder.toml").mkdir()
    os.symlink("loop", here / "loop")
    os.symlink("nowhere", here / "gone")
    os.mkfifo(here / "pipe")
    return here


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("given", COMMANDS, ids=lambda given: " ".join(given)[:60].encode("unicode_escape").decode())
def test_it_is_refused_in_one_line(odd, capsys, given):
    before = sorted(os.listdir(odd))
    assert main(list(given)) == 2
    out, err = capsys.readouterr()
    assert COMMANDS[given] in err
    assert err.startswith("Error: ")
    assert not {"Traceback", "unexpected"} & set((out + err).split())
    assert not {"\x1b", "\0"} & set(out + err)
    assert sorted(os.listdir(odd)) == before
    assert os.readlink("gone") == "nowhere"
    assert (odd / "s.toml").read_text(encoding="utf-8") == BILAYER


@pytest.mark.parametrize("given", [("--", "-s.toml"), ("./-s.toml",)])
def test_a_name_that_begins_with_a_dash_has_its_way(odd, given):
    assert main(["show", *given]) == 0
