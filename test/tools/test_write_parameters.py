"""The tables of docs/parameters.md."""

import pytest

from culture_perception.system_arguments import Argument
from tools import write_parameters


def test_the_page_is_up_to_date() -> None:
    pytest.importorskip("rclpy")
    text = write_parameters.PAGE.read_text(encoding="utf-8")
    assert write_parameters.page_with_tables(text) == text, "run python -m tools.write_parameters"


def test_rows() -> None:
    pytest.importorskip("rclpy")
    from culture_perception.nodes.parameters import Setting

    row = write_parameters.setting_row
    assert row(Setting("on", True, "whether")) == ("`on`", "`true`", "no", "whether")
    assert row(Setting("n", 1, "how many", configuring=True, minimum=1, maximum=2**53)) == (
        *("`n`", "`1`", "unconfigured", "how many (1 to 9.00719925474e+15)"),
    )
    assert row(Setting("s", "", "name", dynamic=True, choices=("a", "b"))) == (
        *("`s`", "", "yes", "name (a, b)"),
    )
    argument = Argument("style", "plain", "how", choices=("plain", "brand"))
    assert write_parameters.argument_row(argument) == ("`style`", "`plain`", "how (plain, brand)")


def test_a_table_keeps_its_columns() -> None:
    assert write_parameters.table(("a", "b"), [("1|2", "3")]) == (
        "| a | b |\n| --- | --- |\n| 1\\|2 | 3 |"
    )


def test_only_what_is_between_the_markers_changes() -> None:
    page = "x\n<!-- t -->\nold\n<!-- end of t -->\ny <!-- end of t -->"
    new = write_parameters.replaced(page, "t", "new \\1")
    assert new == "x\n<!-- t -->\n\nnew \\1\n\n<!-- end of t -->\ny <!-- end of t -->"
    with pytest.raises(ValueError, match="the page has no <!-- u -->"):
        write_parameters.replaced(page, "u", "")
