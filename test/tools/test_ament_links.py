"""What ROS tools look for in .venv."""

from pathlib import Path

from tools.ament_links import link_package, node_executables

ROOT = Path(__file__).parents[2]


def test_the_nodes_of_the_package_are_found() -> None:
    names = node_executables(ROOT / "setup.cfg")
    assert {"perception_node", "sim_bridge_node"} <= set(names)
    assert "culture-perception" not in names


def test_everything_is_linked_again_and_again(tmp_path: Path) -> None:
    for _ in range(2):
        link_package(ROOT, tmp_path)
    share = tmp_path / "share"
    assert (share / "ament_index/resource_index/packages/culture_perception").is_file()
    assert (share / "culture_perception/launch/sim.launch.py").is_file()
    assert (share / "culture_perception/package.xml").samefile(ROOT / "package.xml")
    node = tmp_path / "lib/culture_perception/perception_node"
    assert node.readlink() == tmp_path / "bin" / "perception_node"
