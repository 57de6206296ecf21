"""A table of a report: rows of text for the page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """A box of a table: what it says, and smaller, below, what belongs to it."""

    text: str
    note: str = ""


@dataclass(frozen=True)
class Heading:
    """Of one column or of several beside each other."""

    text: str
    columns: int = 1


@dataclass(frozen=True)
class Row:
    """A row.

    Attributes:
        header: what it is about; "" where the row above has said it.
        entries: its boxes.
        kind: "", or "paper" for figures that the paper prints.
        name: whose figures they are, where a header may span several rows.
        span: how many rows the header is of.
    """

    header: str
    entries: tuple[Entry, ...]
    kind: str = ""
    name: str = ""
    span: int = 1


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        caption: what it shows.
        groups: headings that span columns, first row; () for none.
        headings: a heading a column, of headers first.
        rows: in order.
        named: its rows have names of their own, in a column after the headers.
        words: how many of the first columns after the headers are words, not numbers.
    """

    caption: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    groups: tuple[Heading, ...] = ()
    named: bool = False
    words: int = 0


def filled(table: Table) -> tuple[Table, ...]:
    """The table, if it has a row."""
    return (table,) if table.rows else ()
