"""What the repository promises about itself: commands that work, pages that exist, layers that import one way."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import spinstack

ROOT = Path(__file__).parents[2]
SKIPPED = {".git", ".venv", ".venv-test", ".venv-tools", "_build", "jupyter_execute", "results", "__pycache__"}
TEXT = {".md", ".py", ".toml", ".cfg", ".yml", ".yaml", ".txt", ""}


def files():
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        if (
            path.is_file()
            and not SKIPPED & set(parts)
            and not any(p.startswith(".") and p != ".ci" for p in parts[:-1])
        ):
            yield path


def readme_commands():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return [
        line
        for block in re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
        for line in block.splitlines()
    ]


def test_readme_has_one_command_to_run_and_one_to_test_and_both_start_from_nothing():
    run, test = readme_commands()
    for command in (run, test):
        assert command.startswith("python3 -m venv .venv")
        assert "pip install " in command
    sample = re.search(r"spinstack run (\S+)", run)
    assert sample is not None
    assert (ROOT / sample[1]).is_file()
    assert "-m pytest" in test


def test_ci_runs_the_commands_of_the_readme_and_has_none_of_its_own():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    extraction = re.search(r"^mapfile -t readme < <\((.*)\)$", script, re.MULTILINE)
    assert extraction is not None
    found = subprocess.run(["bash", "-c", extraction[1]], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.splitlines() == readme_commands()
    for i in (0, 1):
        assert re.search(rf'bash -c "\$\{{readme\[{i}\]\}}( --studies)?"', script), f"README command {i} is not run"
    others = [line for line in script.splitlines() if "-m pytest" in line]
    assert all("tests/" in line or "by_jax" in line for line in others), "all tests are run by the README alone"
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_links_of_the_front_pages_lead_somewhere():
    for page in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / page).read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (ROOT / target).exists(), f"{page}: {target}"


def test_every_convention_is_proved_and_every_proof_is_stated():
    stated = re.findall(
        r"^<!-- generated: proof (\w+) -->$",
        (ROOT / "docs" / "conventions.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    tree = ast.parse((ROOT / "tests" / "circuit" / "test_conventions.py").read_text(encoding="utf-8"))
    tests = [n.name for n in tree.body if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")]
    assert sorted(stated) == sorted(tests)


def test_no_file_mentions_a_place_on_somebodys_machine():
    pattern = re.compile(r"(?<![\w.:/}])/(?:home|root|tmp|Users|work|mnt|opt|private)/[\w.]|[A-Z]:\\\\?Users")
    for path in files():
        if path.suffix in TEXT and path != Path(__file__):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                assert not pattern.search(line), f"{path.relative_to(ROOT)}:{number}: {line.strip()}"


def test_import_contract_is_kept():
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    if command is None:
        pytest.fail("lint-imports is missing: install the package with its [test] extra")
    found = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def test_import_contract_names_every_part_of_the_package():
    text = (ROOT / ".importlinter").read_text(encoding="utf-8")
    layers = re.findall(r"\bspinstack\.(\w+)", text.partition("layers =\n")[2].partition("\n\n")[0])
    parts = {
        p.stem for p in (ROOT / "src" / "spinstack").iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()
    }
    assert set(layers) == parts - {"__init__", "__main__"}


def test_public_names_exist_and_are_documented():
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    for name in spinstack.__all__:
        assert getattr(spinstack, name) is not None
        if not name.startswith("__"):
            assert re.search(rf"auto\w+:: {name}$", page, re.MULTILINE), f"docs/api.md does not show {name}"


def test_version_is_that_of_the_changelog():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"## {project['version']}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_type_checkers_are_told_that_the_package_has_types():
    assert Path(spinstack.__file__).with_name("py.typed").exists()


def test_importing_the_package_loads_no_solver():
    code = "import sys, spinstack; print(sorted({'jax', 'matplotlib', 'pint', 'scipy', 'xarray'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.study
def test_tables_of_the_pages_are_those_of_the_code():
    """``python docs/generate.py`` writes them anew."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr
