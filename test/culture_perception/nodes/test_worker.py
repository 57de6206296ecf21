"""The worker thread: order of work, what is dropped, what is counted."""

import threading
from collections.abc import Callable, Iterator

import pytest

from culture_perception.nodes.worker import Counts, NewestFirstWorker

WAIT_S = 10.0


class Jobs:
    """Records what the worker does; frames block until they are let go."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Semaphore(0)
        self.errors: list[str] = []
        self.worker: NewestFirstWorker[str, str] = NewestFirstWorker(
            self.labels, self.frame, lambda error: self.errors.append(str(error))
        )

    def labels(self, labels: str) -> None:
        if labels == "bad":
            raise ValueError("bad labels")
        self.done.append(labels)

    def frame(self, frame: str) -> None:
        self.begun.release()
        assert self.go_on.acquire(timeout=WAIT_S)
        if frame == "bad":
            raise ValueError("bad frame")
        self.done.append(frame)


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs()
    made.worker.start()
    yield made
    for _ in range(10):
        made.go_on.release()
    assert made.worker.stop(WAIT_S)


def wait_for(condition: Callable[[], bool]) -> None:
    ended = threading.Event()
    for _ in range(int(WAIT_S * 1000)):
        if condition():
            return
        ended.wait(0.001)
    pytest.fail("nothing happened")


def test_only_the_newest_waiting_frame_is_processed(jobs: Jobs) -> None:
    jobs.worker.put_labels("en")
    jobs.worker.put_frame("1")
    assert jobs.begun.acquire(timeout=WAIT_S)  # 1 is in hand while 2 to 4 arrive
    for frame in "234":
        jobs.worker.put_frame(frame)
    assert jobs.worker.counts == Counts(received=4, dropped=2, waiting=2)
    jobs.go_on.release()
    jobs.go_on.release()
    wait_for(lambda: jobs.worker.counts.processed == 2)
    assert jobs.done == ["en", "1", "4"]
    assert jobs.worker.counts == Counts(received=4, processed=2, dropped=2)


def test_a_label_change_goes_before_a_frame_that_waited_longer(jobs: Jobs) -> None:
    jobs.worker.put_labels("en")
    jobs.worker.put_frame("1")
    assert jobs.begun.acquire(timeout=WAIT_S)
    jobs.worker.put_frame("2")
    jobs.worker.put_labels("ja")
    jobs.go_on.release()
    jobs.go_on.release()
    wait_for(lambda: jobs.worker.counts.processed == 2)
    assert jobs.done == ["en", "1", "ja", "2"]


def test_without_labels_the_newest_frame_waits(jobs: Jobs) -> None:
    for frame in "12":
        jobs.worker.put_frame(frame)
    assert not jobs.begun.acquire(timeout=0.05)
    assert jobs.worker.counts == Counts(received=2, dropped=1, waiting=1)
    jobs.worker.put_labels("en")
    jobs.go_on.release()
    wait_for(lambda: jobs.worker.counts.processed == 1)
    assert jobs.done == ["en", "2"]


def test_a_failed_frame_is_counted_and_the_next_is_processed(jobs: Jobs) -> None:
    jobs.worker.put_labels("en")
    for frame in ("bad", "good"):
        jobs.worker.put_frame(frame)
        assert jobs.begun.acquire(timeout=WAIT_S)
        jobs.go_on.release()
        wait_for(lambda: jobs.worker.counts.waiting == 0)
    assert jobs.errors == ["bad frame"]
    assert jobs.worker.counts == Counts(received=2, processed=1, failed=1)


def test_failed_labels_leave_the_earlier_ones_in_use(jobs: Jobs) -> None:
    jobs.worker.put_labels("en")
    wait_for(lambda: jobs.done == ["en"])
    jobs.worker.put_labels("bad")
    wait_for(lambda: jobs.errors == ["bad labels"])
    jobs.worker.put_frame("1")
    jobs.go_on.release()
    wait_for(lambda: jobs.worker.counts.processed == 1)


def test_failed_first_labels_let_no_frame_through(jobs: Jobs) -> None:
    jobs.worker.put_labels("bad")
    jobs.worker.put_frame("1")
    wait_for(lambda: jobs.errors == ["bad labels"])
    assert jobs.worker.counts == Counts(received=1, waiting=1)


def test_jobs_go_before_frames_in_their_order(jobs: Jobs) -> None:
    jobs.worker.put_labels("en")
    jobs.worker.put_frame("1")
    assert jobs.begun.acquire(timeout=WAIT_S)
    jobs.worker.put_frame("2")
    jobs.worker.put_job(lambda: jobs.done.append("job a"))
    jobs.worker.put_job(lambda: jobs.done.append("job b"))
    jobs.go_on.release()
    jobs.go_on.release()
    wait_for(lambda: jobs.worker.counts.processed == 2)
    assert jobs.done == ["en", "1", "job a", "job b", "2"]


def test_a_failed_job_is_told_and_counts_no_frame(jobs: Jobs) -> None:
    def fail() -> None:
        raise ValueError("bad job")

    jobs.worker.put_job(fail)
    wait_for(lambda: jobs.errors == ["bad job"])
    assert jobs.worker.counts == Counts()


def test_a_pause_drops_what_waits_and_ends_what_is_in_hand(jobs: Jobs) -> None:
    jobs.worker.put_labels("en")
    jobs.worker.put_frame("1")
    assert jobs.begun.acquire(timeout=WAIT_S)
    jobs.worker.put_frame("2")
    assert not jobs.worker.pause(0.01)
    jobs.go_on.release()
    assert jobs.worker.pause(WAIT_S)
    assert jobs.worker.counts == Counts(received=2, processed=1, dropped=1)
    assert jobs.done == ["en", "1"]


def test_a_pause_waits_for_the_jobs_as_well(jobs: Jobs) -> None:
    jobs.worker.put_labels("en")
    for _ in range(50):
        jobs.worker.put_job(lambda: jobs.done.append("job"))
    assert jobs.worker.pause(WAIT_S)
    assert jobs.done == ["en", *["job"] * 50]


def test_the_frame_that_waits_is_known(jobs: Jobs) -> None:
    jobs.worker.put_frame("1")
    assert jobs.worker.is_next("1")
    jobs.worker.put_labels("en")
    assert jobs.begun.acquire(timeout=WAIT_S)
    assert not jobs.worker.is_next("1")


def test_frames_left_alone_are_counted(jobs: Jobs) -> None:
    jobs.worker.leave("unwanted")
    jobs.worker.leave("limited")
    jobs.worker.leave("limited")
    assert jobs.worker.counts == Counts(received=3, unwanted=1, limited=2)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_the_death_of_the_thread_is_told() -> None:
    told: list[str] = []

    def fail(error: object) -> None:
        raise RuntimeError("no way to tell")

    worker: NewestFirstWorker[str, str] = NewestFirstWorker(
        fail, fail, fail, lambda error: told.append(str(error))
    )
    worker.start()
    worker.put_labels("en")
    wait_for(lambda: told == ["no way to tell"])
    assert worker.stop(WAIT_S)
