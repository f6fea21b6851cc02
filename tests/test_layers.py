"""The package's rooms, each above those that it may use."""

import grimp
import pytest

#: From top to bottom; rooms in one line know nothing of each other.
LAYERS = [
    {"sphinxext"},
    {"grading"},
    {"pages"},
    {"experiments"},
    {"figures"},
    {"live"},
    {"derivations"},
    {"symbolic"},
    {"losses"},
    {"coding", "information", "likelihood", "style"},
    {"extras", "functions"},
]


@pytest.fixture(scope="module")
def graph():
    graph = grimp.build_graph("lossbook", cache_dir=None, exclude_type_checking_imports=False)
    # The package itself stands above all rooms: what it imports makes imports short for readers.
    for imported in graph.find_modules_directly_imported_by("lossbook"):
        graph.remove_import(importer="lossbook", imported=imported)
    assert len(graph.modules) > 100
    return graph


def test_every_room_has_its_place(graph):
    rooms = {name.removeprefix("lossbook.") for name in graph.find_children("lossbook")}
    assert rooms == set().union(*LAYERS)


def test_imports_point_down_only(graph):
    layers = [grimp.Layer(*(f"lossbook.{room}" for room in rooms)) for rooms in LAYERS]
    upward = graph.find_illegal_dependencies_for_layers(layers)
    assert not [f"{found.importer} → {found.imported}" for found in upward]


@pytest.mark.parametrize("room", sorted(set().union(*LAYERS)))
def test_no_module_imports_itself_round_a_circle(graph, room):
    """What is imported for the type checker alone counts, too."""
    modules = {name for name in graph.modules if name.split(".")[1:2] == [room]}
    for name in modules:
        for imported in graph.find_modules_directly_imported_by(name) & modules:
            # A package that gathers its modules' names, or finds its modules, is part of them.
            if not imported.startswith(name) and not name.startswith(imported):
                assert graph.find_shortest_chain(imported, name) is None, f"{name} → {imported} → … → {name}"
