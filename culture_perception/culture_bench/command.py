"""The verb `culture-bench`: questions about pictures of a culture, answered by any model."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from rich.console import Console

from culture_perception.arguments import positive, positive_int
from culture_perception.culture_bench import transfer_command
from culture_perception.runner import SystemFailure

if TYPE_CHECKING:
    from culture_perception.culture_bench.comparing import ModelResult
    from culture_perception.culture_bench.items import Item
    from culture_perception.culture_bench.models import ModelOptions

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

SHIPPED: Final = "shipped"
LEAKS: Final = "leaks"
READ: Final = "read"
TRANSFER: Final = "transfer"
FOUND_LEAKS: Final = 3
"""Exit code of `leaks` where training data and test share something."""
_USAGE: Final = """\
culture-bench ITEMS.jsonl | shipped       ask models, print accuracy by group
culture-bench transfer ITEMS.jsonl        adapters of one group, tested on all groups
culture-bench leaks TRAIN.jsonl TEST.jsonl  what the two share: 3 if anything
culture-bench read LAYOUT PATH OUT.jsonl   items of data on disk; LAYOUT: culture-verse,
                                           dollar-street, geode"""


def add_parser(verbs: Verbs) -> None:
    """Adds the verb and its options."""
    parser = verbs.add_parser(
        "culture-bench",
        help="questions about pictures of many cultures, answered by any model",
        description=_USAGE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=culture_bench)
    parser.add_argument("what", nargs="+", metavar="WHAT", help="see above")
    parser.add_argument(
        "--models", nargs="+", default=["embedded"], metavar="MODEL",
        help="embedded, NAME@TAG of open_clip, either with ~ADAPTER, vlm:NAME[~LORA], "
        "endpoint:MODEL@URL (embedded)",
    )  # fmt: skip
    parser.add_argument("--no-blind", action="store_true", help="leave out the baseline")
    parser.add_argument(
        "--answers", type=Path, metavar="FILE",
        help="kept there; a run goes on where one stopped (runs/culture/STEM-answers.jsonl)",
    )  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="PATH", help="write all figures there")
    parser.add_argument("--batch", type=positive_int, default=32, metavar="N", help="items (32)")
    parser.add_argument(
        "--least", type=positive_int, default=5, metavar="N",
        help="items that a group needs to be worst or best (5)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of all that is drawn (0)")
    _add_model_options(parser)
    transfer_command.add_options(parser)
    group = parser.add_argument_group("read")
    group.add_argument("--language", default="en", metavar="TAG", help="of the data (en)")


def _add_model_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", default="auto", help="cpu, cuda (auto)")
    parser.add_argument("--threads", type=positive_int, metavar="N", help="of torch")
    parser.add_argument(
        "--picture-side", type=positive_int, default=1024, metavar="PX",
        help="longest side, for models that write (1024)",
    )  # fmt: skip
    parser.add_argument(
        "--max-tokens", type=positive_int, default=16, metavar="N",
        help="of an answer, for models that write (16)",
    )  # fmt: skip
    group = parser.add_argument_group("endpoints")
    group.add_argument("--timeout", type=positive, default=120.0, metavar="S", help="(120)")
    group.add_argument("--retries", type=positive_int, default=3, metavar="N", help="(3)")
    group.add_argument("--parallel", type=positive_int, default=4, metavar="N", help="(4)")
    group.add_argument(
        "--key-variable", default="", metavar="NAME", help="environment variable with the key"
    )


def culture_bench(arguments: argparse.Namespace, console: Console) -> int:
    """Runs the benchmark, the leak check, a reader, or trainings with tests."""
    from culture_perception.culture_bench.answering import AnswererError

    kinds: Mapping[str, tuple[int, Callable[[argparse.Namespace, Console], int]]] = {
        LEAKS: (3, _leaks),
        READ: (4, _read),
        TRANSFER: (2, _transfer),
    }
    words, run = kinds.get(arguments.what[0], (1, _bench))
    if len(arguments.what) != words:
        raise SystemFailure(f"{' '.join(arguments.what)}: write one of\n{_USAGE}")
    try:
        return run(arguments, console)
    except (ValueError, AnswererError) as error:
        raise SystemFailure(str(error)) from error


def _bench(arguments: argparse.Namespace, console: Console) -> int:
    from culture_perception.culture_bench.comparing import compare
    from culture_perception.culture_bench.item_files import read_items
    from culture_perception.culture_bench.majority import majority_choice
    from culture_perception.culture_bench.record import to_record, write_record
    from culture_perception.culture_bench.tables import print_results

    started_s = time.monotonic()
    path = _items_path(arguments.what[0])
    items = read_items(path)
    results = _results(arguments, path, items)
    comparisons = compare(items, results)
    choice = majority_choice(items)
    majority = sum(item.answer == choice for item in items) / len(items)
    print_results(results, comparisons, majority, console)
    if arguments.json:
        seconds = time.monotonic() - started_s
        record = to_record(path, results, comparisons, majority, seconds)
        write_record(record, arguments.json, console)
    return 0


def _items_path(text: str) -> Path:
    from culture_perception.resources import share_path

    return share_path("config", "culture_items", "items.jsonl") if text == SHIPPED else Path(text)


def _results(arguments: argparse.Namespace, path: Path, items: Sequence[Item]) -> list[ModelResult]:
    """Model after model, so that one at a time is in memory."""
    from culture_perception.culture_bench.answer_files import AnswerFile
    from culture_perception.culture_bench.models import load_answerer
    from culture_perception.culture_bench.results import model_result

    kept = arguments.answers or Path("runs/culture") / f"{path.stem}-answers.jsonl"
    found = []
    with AnswerFile(kept) as file:
        for name in dict.fromkeys(arguments.models):
            answerer = load_answerer(name, _options(arguments))
            result = model_result(
                answerer, items, file, arguments.batch, arguments.least, not arguments.no_blind
            )
            found.append(result)
    return found


def _options(arguments: argparse.Namespace) -> ModelOptions:
    from culture_perception.culture_bench.models import ModelOptions

    return ModelOptions(
        device=arguments.device,
        threads=arguments.threads,
        picture_side=arguments.picture_side,
        max_tokens=arguments.max_tokens,
        timeout_s=arguments.timeout,
        retries=arguments.retries,
        parallel=arguments.parallel,
        key_variable=arguments.key_variable,
    )


def _transfer(arguments: argparse.Namespace, console: Console) -> int:
    from culture_perception.culture_bench.transfer_command import run_transfer

    return run_transfer(arguments, _items_path(arguments.what[1]), console)


def _leaks(arguments: argparse.Namespace, console: Console) -> int:
    from culture_perception.culture_bench.item_files import read_items
    from culture_perception.culture_bench.leaks import find_leaks, print_leaks

    train, test = (read_items(_items_path(text)) for text in arguments.what[1:])
    leaks = find_leaks(train, test)
    print_leaks(leaks, len(test), console)
    return FOUND_LEAKS if leaks else 0


def _read(arguments: argparse.Namespace, console: Console) -> int:
    from culture_perception.culture_bench.item_files import write_items
    from culture_perception.culture_bench.readers import read_layout

    _, layout, source, out = arguments.what
    items, left_out = read_layout(layout, Path(source), arguments.language, arguments.seed)
    count = write_items(items, Path(out))
    console.print(f"{count} items in {out}", soft_wrap=True)
    for reason, number in left_out.items():
        console.print(f"{number} left out: {reason}", soft_wrap=True)
    return 0
