"""Long work is done once, says how far it is, and survives whatever stops it."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from api.job_worker import JobWorker
from api.tokens import create_token, expiry_after, revoke_token
from audit.jcs import Json
from ledger import typeid
from ledger.access.commands import revoke_role
from ledger.books.chart import open_campaign
from ledger.books.model import Actor
from ledger.errors import CodeRefused
from ledger.jobs import queue
from ledger.jobs.work import ATTEMPT_COUNT_MAX, Job, JobCancelled, JobLost
from ledger.tenancy import set_tenant
from tests.factories import ACTOR
from tests.integration.jobs.conftest import Yard, kind
from tests.people_who_sign_in import give
from tests.province import found_book


def nothing(_: Job) -> None:
    pass


def count_campaigns(yard: Yard) -> int:
    with yard.engine.begin() as conn:
        set_tenant(conn, yard.book.tenant_id)
        return int(conn.execute(sa.text("SELECT count(*) FROM soquy.campaign")).scalar_one())


def campaign(conn: sa.Connection, job: Job, code: str = "DOT1") -> dict[str, Json]:
    open_campaign(conn, job.book, campaign=code, name_vi="Đợt", opened_on=date(2024, 1, 1), actor=job.actor)
    return {"campaign": code}


def test_work_is_done_as_who_asked_for_it_in_their_tenant(yard: Yard) -> None:
    seen: list[Job] = []

    def work(job: Job) -> Mapping[str, Json]:
        seen.append(job)
        assert job.read(lambda conn: conn.execute(sa.text("SELECT current_user")).scalar_one()) == "soquy_app"
        return job.write(lambda conn: campaign(conn, job))

    job_id = yard.enqueue("test.thing", intake="in_01", rows=3)
    assert yard.status(job_id).state == "waiting"
    assert yard.worker(work).work_one()
    status = yard.status(job_id)
    assert (status.state, status.result, status.error_code) == ("done", {"campaign": "DOT1"}, None)
    assert seen[0].actor == ACTOR
    assert seen[0].book == yard.book
    assert seen[0].arguments == {"intake": "in_01", "rows": 3}
    assert count_campaigns(yard) == 1
    assert not yard.worker(work).work_one()


def test_a_job_exists_only_if_the_transaction_that_asked_for_it_does(yard: Yard) -> None:
    with yard.engine.connect() as conn, conn.begin() as transaction:
        set_tenant(conn, yard.book.tenant_id)
        queue.enqueue(conn, yard.book, "test.thing", subject="thing", actor=ACTOR)
        transaction.rollback()
    assert not yard.worker(nothing).work_one()


def test_asking_twice_is_one_job_until_it_failed(yard: Yard) -> None:
    first = yard.enqueue("test.thing")
    assert yard.enqueue("test.thing") == first
    assert yard.enqueue("test.thing", "another") != first
    assert yard.enqueue("test.thing", book=yard.other) != first
    yard.cancel(first)
    again = yard.enqueue("test.thing")
    assert again != first
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: yard.enqueue("test.thing", "crowd"), range(16)))) == 1


def test_each_job_is_taken_by_one_worker(yard: Yard) -> None:
    jobs = {yard.enqueue("test.thing", str(number), book=(yard.book, yard.other)[number % 2]) for number in range(20)}
    taken: list[UUID] = []
    workers = [yard.worker(lambda job: taken.append(job.job_id)) for _ in range(4)]

    def work_all(worker: JobWorker) -> None:
        while worker.work_one():
            pass

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work_all, workers))
    assert sorted(taken) == sorted(jobs)


def test_progress_shows_while_a_transaction_is_under_way(yard: Yard) -> None:
    seen: list[tuple[int, int | None]] = []

    def work(job: Job) -> None:
        def step(conn: sa.Connection) -> None:
            campaign(conn, job)
            job.progress(3, 10)
            status = yard.status(job.job_id)
            seen.append((status.done_count, status.total_count))
            assert count_campaigns(yard) == 0

        job.write(step, done=9)
        job.progress(10, 10)

    job_id = yard.enqueue("test.thing")
    yard.worker(work).work_one()
    assert seen == [(3, 10)]
    assert yard.status(job_id).done_count == 10


def test_progress_is_told_twice_a_second_not_at_every_line(yard: Yard) -> None:
    statements = 0

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    def work(job: Job) -> None:
        sa.event.listen(yard.engine, "before_cursor_execute", count)
        for line in range(50_000):
            job.progress(line, 100_000)
        sa.event.remove(yard.engine, "before_cursor_execute", count)

    yard.enqueue("test.thing")
    yard.worker(work).work_one()
    assert statements < 50


def test_a_refusal_ends_the_job_with_its_code_and_fields(yard: Yard) -> None:
    def work(job: Job) -> None:
        job.write(lambda conn: campaign(conn, job))
        raise CodeRefused(field="fund", value="x")

    job_id = yard.enqueue("test.thing")
    yard.worker(work).work_one()
    status = yard.status(job_id)
    assert (status.state, status.error_code, status.error_fields) == (
        "failed",
        "code_refused",
        {"field": "fund", "value": "x"},
    )
    assert count_campaigns(yard) == 1  # what a step has committed stays


def test_a_bug_is_tried_again_and_then_no_more(yard: Yard, database_url: str) -> None:
    tries: list[int] = []

    def work(job: Job) -> None:
        tries.append(job.attempt)
        raise ZeroDivisionError("Nguyễn Văn Mẫu")

    job_id = yard.enqueue("test.thing")
    worker = yard.worker(work)
    for _ in range(ATTEMPT_COUNT_MAX + 2):
        worker.work_one()
        assert not worker.work_one(), "it waits for a while"
        yard.make_due(database_url)
    assert tries == list(range(1, ATTEMPT_COUNT_MAX + 1))
    status = yard.status(job_id)
    assert (status.state, status.error_code, status.error_fields) == ("failed", "internal_error", {})


def test_a_job_whose_workers_all_vanished_is_given_up(yard: Yard, database_url: str) -> None:
    job_id = yard.enqueue("test.thing")
    worker = yard.worker(nothing)
    for _ in range(ATTEMPT_COUNT_MAX):
        assert worker._claim() is not None
        yard.make_due(database_url)
    assert worker._claim() is None
    assert yard.status(job_id).error_code == "job_abandoned"
    assert yard.enqueue("test.thing") != job_id


def test_who_lost_the_lease_can_neither_write_nor_finish(yard: Yard, database_url: str) -> None:
    def work(job: Job) -> None:
        job.write(lambda conn: campaign(conn, job, "DOT1"))
        yard.make_due(database_url)
        yard.worker(lambda other: other.write(lambda conn: campaign(conn, other, "DOT2"))).work_one()
        with pytest.raises(JobLost):
            job.write(lambda conn: campaign(conn, job, "DOT3"))
        with pytest.raises(JobLost):
            job.finish(lambda conn: campaign(conn, job, "DOT4"))
        job.hold()
        job.check()

    job_id = yard.enqueue("test.thing")
    yard.worker(work).work_one()
    assert count_campaigns(yard) == 2
    status = yard.status(job_id)
    assert (status.state, status.attempt_count, status.result) == ("done", 2, {"campaign": "DOT2"})


def test_the_lease_is_extended_while_the_work_is_busy(yard: Yard) -> None:
    """Work that takes three leases without looking up is nobody else's."""
    begun, beaten = threading.Event(), threading.Event()

    def work(job: Job) -> None:
        begun.set()
        before = _due_at(yard, job.job_id)
        while _due_at(yard, job.job_id) == before:
            threading.Event().wait(0.05)
        beaten.set()

    yard.enqueue("test.thing")
    worker = yard.worker(work, lease_seconds=2)
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(worker.work_one)
        assert begun.wait(30)
        while not beaten.is_set():
            assert not yard.worker(nothing).work_one()
            beaten.wait(0.1)
        assert done.result(30)


def _due_at(yard: Yard, job_id: UUID) -> Any:
    with yard.engine.begin() as conn:
        set_tenant(conn, yard.book.tenant_id)
        return conn.execute(sa.text("SELECT due_at FROM soquy.job WHERE job_id = :id"), {"id": job_id}).scalar_one()


def test_a_job_that_waits_is_cancelled_at_once(yard: Yard) -> None:
    job_id = yard.enqueue("test.thing")
    assert yard.cancel(job_id).state == "cancelled"
    assert not yard.worker(nothing).work_one()


def test_a_job_that_runs_is_left_off_at_its_next_step(yard: Yard) -> None:
    def work(job: Job) -> None:
        job.write(lambda conn: campaign(conn, job))
        assert yard.cancel(job.job_id).state == "running"
        assert yard.status(job.job_id).is_cancelling
        with pytest.raises(JobCancelled):
            job.progress(1, 1)
        job.progress(1, 1)

    job_id = yard.enqueue("test.thing")
    yard.worker(work).work_one()
    assert yard.status(job_id).state == "cancelled"
    assert yard.cancel(job_id).state == "cancelled"
    assert count_campaigns(yard) == 1


def test_who_lost_the_right_meanwhile_gets_nothing_done_any_more(yard: Yard) -> None:
    """By a role that was taken back, or a token that was revoked or ended, between two steps too."""
    ends = {"role": _lose_role, "revoked": _lose_token, "right": _never_had}
    for how, lose in ends.items():
        asked, take_back = lose(yard)
        with yard.engine.begin() as conn:
            set_tenant(conn, yard.book.tenant_id)
            job_id = queue.enqueue(conn, yard.book, "test.right", subject=how, arguments={}, actor=asked)
        steps: list[str] = []

        def work(job: Job, steps: list[str] = steps, take_back: Callable[[], None] = take_back) -> None:
            job.write(lambda _: steps.append("first"))
            take_back()
            job.write(lambda _: steps.append("second"))

        assert JobWorker(yard.engine, [kind(work, "test.right", "post")], count=1).work_one()
        status = yard.status(job_id)
        assert (status.state, status.error_code, status.error_fields) == ("failed", "job_right_lost", {"right": "post"})
        assert steps == ([] if how == "right" else ["first"])


def test_a_token_of_the_association_above_loses_its_right_too_wherever_it_is_kept(yard: Yard) -> None:
    with yard.engine.begin() as conn:
        set_tenant(conn, yard.book.tenant_id)
        below = found_book(conn, yard.book.tenant_id, level="chapter", parent=yard.other)
        set_tenant(conn, yard.other.tenant_id)
        made = create_token(
            conn,
            tenant_id=yard.other.tenant_id,
            label="Mẫu",
            rights=["post"],
            association_ids=[yard.other.association_id],
            reaches_below=True,
            expires_at=expiry_after(1),
            actor=None,
        )
    asked = Actor(principal_id=made.token_id, role="token")
    for is_revoked, state in ((False, "done"), (True, "failed")):
        with yard.engine.begin() as conn:
            if is_revoked:
                set_tenant(conn, yard.other.tenant_id)
                revoke_token(conn, yard.other.tenant_id, made.token_id, actor=None)
            set_tenant(conn, below.tenant_id)
            job_id = queue.enqueue(conn, below, "test.right", subject=state, arguments={}, actor=asked)
        assert JobWorker(yard.engine, [kind(_write_nothing, "test.right", "post")], count=1).work_one()
        assert yard.status(job_id, book=below).state == state


def _write_nothing(job: Job) -> None:
    job.write(lambda _: None)


def _lose_role(yard: Yard) -> tuple[Actor, Callable[[], None]]:
    with yard.engine.begin() as conn:
        user_id = typeid.new_id()
        (grant_id,) = give(conn, yard.book, user_id, "chief_accountant")

    def take_back() -> None:
        with yard.engine.begin() as conn:
            set_tenant(conn, yard.book.tenant_id)
            revoke_role(conn, yard.book, grant_id, actor=ACTOR)

    return Actor(principal_id=user_id, role="chief_accountant", prefix=typeid.USER), take_back


def _token(yard: Yard, *rights: str) -> Actor:
    with yard.engine.begin() as conn:
        set_tenant(conn, yard.book.tenant_id)
        made = create_token(
            conn,
            tenant_id=yard.book.tenant_id,
            label="Mẫu",
            rights=rights,
            association_ids=[yard.book.association_id],
            reaches_below=False,
            expires_at=expiry_after(1),
            actor=None,
        )
    return Actor(principal_id=made.token_id, role="token")


def _lose_token(yard: Yard) -> tuple[Actor, Callable[[], None]]:
    asked = _token(yard, "post")

    def take_back() -> None:
        with yard.engine.begin() as conn:
            set_tenant(conn, yard.book.tenant_id)
            revoke_token(conn, yard.book.tenant_id, asked.principal_id, actor=None)

    return asked, take_back


def _never_had(yard: Yard) -> tuple[Actor, Callable[[], None]]:
    return _token(yard, "read"), lambda: None


def test_a_service_that_goes_down_gives_its_jobs_back(yard: Yard) -> None:
    begun = threading.Event()

    def work(job: Job) -> None:
        begun.set()
        while True:
            job.progress(1, 2)
            threading.Event().wait(0.01)

    job_id = yard.enqueue("test.thing")
    worker = yard.worker(work)
    worker.start()
    assert begun.wait(30)
    worker.stop()
    status = yard.status(job_id)
    assert (status.state, status.attempt_count) == ("waiting", 0)
    assert yard.worker(nothing).work_one(), "it is due at once"
    assert yard.status(job_id).state == "done"


def test_a_job_of_an_unknown_kind_waits_for_a_program_that_knows_it(yard: Yard) -> None:
    job_id = yard.enqueue("test.later")
    assert not yard.worker(nothing).work_one()
    assert yard.status(job_id).state == "waiting"


def test_work_that_takes_longer_than_its_kind_may_is_ended(yard: Yard) -> None:
    def work(job: Job) -> None:
        while True:
            job.check()
            threading.Event().wait(0.01)

    job_id = yard.enqueue("test.thing")
    slow = kind(work)
    object.__setattr__(slow, "seconds_max", 0)
    JobWorker(yard.engine, [slow], lease_seconds=1).work_one()
    assert yard.status(job_id).error_code == "job_overdue"


@pytest.mark.parametrize("value", ["Nguyễn Văn Mẫu", "a b", "x" * 201, {"a": 1}, 1.5, ["ok", "not ok"]])
def test_typed_words_are_no_arguments(yard: Yard, value: Any) -> None:
    with pytest.raises(ValueError, match="neither an id"):
        yard.enqueue("test.thing", name=value)


def test_another_book_or_tenant_has_no_such_job(yard: Yard) -> None:
    job_id = yard.enqueue("test.thing")
    with pytest.raises(queue.JobNotFound):
        yard.status(job_id, book=yard.other)


def test_a_worker_goes_on_after_the_database_was_away(yard: Yard) -> None:
    done = threading.Event()
    worker = JobWorker(yard.engine, [kind(lambda _: done.set())], count=1)
    claim, failures = worker._claim, iter([True])

    def fail_once() -> Job | None:
        if next(failures, False):
            raise ConnectionError
        return claim()

    worker._claim = fail_once  # type: ignore[method-assign]
    yard.enqueue("test.thing")
    worker.start()
    assert done.wait(30)
    worker.stop()


def test_figures_count_what_waits_and_what_failed(yard: Yard) -> None:
    for number in range(3):
        yard.enqueue("test.thing", str(number), book=yard.other)

    def refuse(_: Job) -> None:
        raise CodeRefused

    yard.worker(refuse).work_one()
    with yard.engine.begin() as conn:
        figures = queue.job_figures(conn)
    assert (figures.waiting, figures.failed) == (2, 1)
    assert figures.oldest_seconds > 0
