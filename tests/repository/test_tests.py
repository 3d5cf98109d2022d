"""Tests stand in folders named as the folders of the source that they test."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE, TESTS = ROOT / "src" / "spinstack", ROOT / "tests"
#: what no folder of the source answers to: shared builders, independent routes, measured files, the repository itself
APART = {"builders", "references", "data", "examples", "repository"}


def folders(root):
    """Folders with Python modules of their own, by their path below `root`."""
    found = {path.parent.relative_to(root) for path in root.rglob("*.py") if path.name not in ("__init__.py",)}
    return {folder for folder in found if folder != Path()}


def test_every_folder_of_the_source_has_its_folder_of_tests():
    assert folders(SOURCE) - folders(TESTS) == set()


def test_every_folder_of_tests_has_its_folder_of_the_source():
    tested = {folder for folder in folders(TESTS) if folder.parts[0] not in APART}
    assert tested - folders(SOURCE) == set()
    assert {path.name for path in TESTS.iterdir() if path.is_dir() and path.name in APART} == APART


def test_every_folder_of_tests_holds_tests_and_every_file_is_one_or_shared():
    for folder in folders(TESTS):
        files = [path for path in (TESTS / folder).glob("*.py") if path.name != "conftest.py"]
        if folder.parts[0] in ("builders", "references"):
            assert not any(path.name.startswith("test_") for path in files), folder
        elif folder.parts[0] != "data":
            assert files, folder
            assert all(path.name.startswith("test_") for path in files), folder
