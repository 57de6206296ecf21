from culture_perception.view_queue import COLOUR, DEPTH, MASKS, ViewQueue, Waiting

MS = 1_000_000


def _facts(taken: list[Waiting]) -> list[tuple[str, int, object]]:
    return [(one.kind, one.stamp_ns, one.message) for one in taken]


def test_a_result_comes_with_the_pictures_of_its_stamp() -> None:
    queue = ViewQueue()
    for stamp in (100, 200, 300):
        queue.put(COLOUR, stamp * MS, f"colour {stamp}")
    queue.put(DEPTH, 203 * MS, "depth 203")  # stamped beside its colour
    queue.put(MASKS, 200 * MS, "masks")
    assert _facts(queue.take(0.0)) == [
        (COLOUR, 200 * MS, "colour 200"),
        (DEPTH, 200 * MS, "depth 203"),
        (MASKS, 200 * MS, "masks"),
    ]
    queue.put(MASKS, 100 * MS, "older")
    assert _facts(queue.take(0.1)) == [(MASKS, 100 * MS, "older")]  # its picture went with 200's
    queue.put(MASKS, 300 * MS, "newer")
    assert [one.message for one in queue.take(0.2)] == ["colour 300", "newer"]


def test_depth_of_another_frame_is_not_taken() -> None:
    queue = ViewQueue()
    queue.put(DEPTH, 120 * MS, "depth")
    queue.put(MASKS, 100 * MS, "masks")
    assert [one.message for one in queue.take(0.0)] == ["masks"]


def test_without_results_the_newest_picture_is_shown() -> None:
    queue = ViewQueue(silence_s=1.0)
    for stamp in (1, 2):
        queue.put(COLOUR, stamp, stamp)
    assert _facts(queue.take(5.0)) == [(COLOUR, 2, 2)]
    assert queue.take(5.1) == []
    queue.put(MASKS, 3, "masks")
    queue.take(6.0)
    queue.put(COLOUR, 4, 4)
    assert queue.take(6.9) == []  # its result may still come
    assert _facts(queue.take(7.1)) == [(COLOUR, 4, 4)]


def test_only_the_newest_of_a_kind_waits_and_pictures_do_not_pile_up() -> None:
    queue = ViewQueue(keep=3)
    for stamp in range(1, 6):
        queue.put(COLOUR, stamp * 100 * MS, stamp)
        queue.put("scores", stamp, stamp)
    queue.put(MASKS, 200 * MS, "masks")  # of a picture that had to go
    assert _facts(queue.take(0.0)) == [("scores", 5, 5), (MASKS, 200 * MS, "masks")]
