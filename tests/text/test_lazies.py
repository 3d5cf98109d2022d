"""Lazy packages: stub and run time agree, no public name is a module, and only used names are loaded."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import spinstack
from spinstack.text import lazies

ROOT = Path(spinstack.__file__).parent
STUBS = sorted(ROOT.rglob("__init__.pyi"))
HEAVY = {"jax", "lmfit", "matplotlib", "pandas", "pint", "refnx", "scipy", "xarray"}


def package_of(stub):
    return ".".join(("spinstack", *stub.parent.relative_to(ROOT).parts))


def imports_of(stub):
    return [node for node in ast.parse(stub.read_text(encoding="utf-8")).body if isinstance(node, ast.ImportFrom)]


def test_the_packages_whose_names_load_late_have_stubs():
    assert {package_of(s) for s in STUBS} >= {
        "spinstack",
        "spinstack.figures",
        "spinstack.measure",
        "spinstack.measure.superlattice",
        "spinstack.scattering",
    }
    for package in ROOT.rglob("__init__.py"):
        late = "lazies.attach(" in package.read_text(encoding="utf-8")
        assert late == package.with_suffix(".pyi").exists(), package


@pytest.mark.parametrize("stub", STUBS, ids=package_of)
def test_stub_and_run_time_agree(stub):
    package = import_module(package_of(stub))
    told = set()
    for node in imports_of(stub):
        assert node.level == 1, "a package takes names from its own modules"
        home = import_module(f"{package.__name__}.{node.module}")
        if node.names[0].name == "*":
            told |= set(home.__all__)
            continue
        for alias in node.names:
            assert alias.asname == alias.name, f"{alias.name}: without 'as', type checkers do not see it as public"
            assert getattr(package, alias.name) is getattr(home, alias.name)
            told.add(alias.name)
    assert package.__all__ == dir(package) == sorted(told)


@pytest.mark.parametrize("path", sorted(ROOT.rglob("__init__.py")), ids=lambda p: p.parent.name)
def test_a_public_name_is_never_a_module(path):
    package = import_module(".".join(("spinstack", *path.parent.relative_to(ROOT).parts)))
    for name in getattr(package, "__all__", []):
        assert not isinstance(getattr(package, name), ModuleType), name


@pytest.mark.parametrize("stub", STUBS, ids=package_of)
def test_no_module_of_a_lazy_package_has_the_name_of_a_function(stub):
    """Importing a module puts it into its package under its own name, over the function that stood there."""
    inside = {p.stem for p in stub.parent.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    assert not inside & set(import_module(package_of(stub)).__all__)


def test_unknown_names_are_refused():
    with pytest.raises(AttributeError, match="sheet_resistence"):
        _ = spinstack.sheet_resistence


def loaded(code):
    found = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(*sorted(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(found.stdout.split())


def test_importing_loads_nothing_that_is_not_used():
    assert not (HEAVY | {"numpy", "spinstack.stack"}) & loaded("import spinstack, spinstack.figures, spinstack.measure")


def test_a_film_is_composed_without_a_solver():
    assert not HEAVY & loaded(
        "import spinstack as ss\nss.MagneticInsulator.of('YIG') | ss.Metal.of('Pt-SMR', thickness=5e-9)"
    )


def test_star_stands_for_the_names_of_another_package(tmp_path, monkeypatch):
    (tmp_path / "house" / "room").mkdir(parents=True)
    attach = "from spinstack.text import lazies\n__getattr__, __dir__, __all__ = lazies.attach(__name__, __file__)\n"
    for folder, stub in (
        ("house", "from .room import *\nfrom .door import bell as bell\n"),
        ("house/room", "from .chairs import sit as sit\nfrom .chairs import stand as stand\n"),
    ):
        (tmp_path / folder / "__init__.py").write_text(attach)
        (tmp_path / folder / "__init__.pyi").write_text(stub)
    (tmp_path / "house" / "door.py").write_text("bell = 'rings'\n")
    (tmp_path / "house" / "room" / "chairs.py").write_text("sit, stand = 1, 2\n")
    monkeypatch.syspath_prepend(tmp_path)
    house = import_module("house")
    try:
        assert house.__all__ == ["bell", "sit", "stand"]
        assert not {"house.door", "house.room.chairs"} & set(sys.modules)
        assert (house.bell, house.sit) == ("rings", 1)
        assert "house.room.chairs" in sys.modules
    finally:
        for name in [n for n in sys.modules if n.split(".")[0] == "house"]:
            del sys.modules[name]


def test_a_package_without_stub_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"__init__\.pyi"):
        lazies.attach("nowhere", str(tmp_path / "__init__.py"))
