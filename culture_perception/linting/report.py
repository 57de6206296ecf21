"""What lint found, as a table and as a record for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.table import Table

from culture_perception.linting.attributes import AttributeCount
from culture_perception.linting.findings import Finding
from culture_perception.linting.lint import LintReport
from culture_perception.linting.tokens import TokenCounter


def counts_table(reports: Sequence[LintReport]) -> Table:
    """How many texts of each set and style name each attribute, with a column a language."""
    languages = list(
        dict.fromkeys(tag for one in reports for count in one.counts for tag in count.named)
    )
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("labels", "style", "texts that name a"):
        table.add_column(heading, no_wrap=True)
    for tag in languages:
        table.add_column(tag, justify="right", no_wrap=True)
    for one in reports:
        for count in one.counts:
            cells = [_cell(count, tag) for tag in languages]
            table.add_row(one.label_set.name, count.style, count.attribute, *cells)
    return table


def _cell(count: AttributeCount, tag: str) -> str:
    return f"{count.named[tag]} of {count.texts}" if tag in count.named else "–"


def as_record(reports: Sequence[LintReport], counter: TokenCounter) -> dict[str, Any]:
    """Everything that lint found, for JSON."""
    errors = sum(one.errors for one in reports)
    return {
        "errors": errors,
        "warnings": sum(len(one.findings) for one in reports) - errors,
        "encoder": {"name": counter.name, "context_length": counter.context_length},
        "sets": [_set_record(one) for one in reports],
    }


def _set_record(report: LintReport) -> dict[str, Any]:
    label_set = report.label_set
    return {
        "name": label_set.name,
        "file": str(report.path),
        "arm_of": label_set.arm_of,
        "arm": label_set.arm,
        "languages": list(label_set.languages),
        "concepts": [concept.concept_id for concept in label_set.concepts],
        "findings": [_finding_record(finding) for finding in report.findings],
        "attributes": [
            {
                "style": count.style,
                "attribute": count.attribute,
                "named": dict(count.named),
                "texts": count.texts,
            }
            for count in report.counts
        ],
    }


def _finding_record(finding: Finding) -> dict[str, Any]:
    label = finding.label
    return {
        "severity": finding.severity,
        "kind": finding.kind,
        "file": str(label.path),
        "line": label.line,
        "concept_id": label.concept_id,
        "language": label.language,
        "style": label.style,
        "text": label.text,
        "problem": finding.problem,
        "remedy": finding.remedy,
    }
