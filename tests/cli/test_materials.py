"""``spinstack materials``: the library in a table, and every source of one material."""

from spinstack.cli import main


def test_materials_lists_all_and_tells_sources_of_one(capsys):
    from spinstack import materials

    assert main(["materials"]) == 0
    listed = capsys.readouterr().out
    assert all(f" {name} " in listed for name in materials.names())
    assert main(["materials", "Pt"]) == 0
    told = capsys.readouterr().out
    for row in materials.table("Pt", others=True):
        assert f"{row['field']} = {row['text']}" in told
        assert row["source"] in told
