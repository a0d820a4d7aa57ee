"""The queue id on every line of a message's life, levels, and setting up twice."""

import asyncio
import io
import json
import logging
import warnings
from collections.abc import Callable

import pytest
import structlog

from inboxd import logs

Start = Callable[..., io.StringIO]


def lines(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_what_is_bound_stands_on_every_line_until_the_block_ends(start: Start) -> None:
    out = start("json")
    log = structlog.get_logger("inboxd.worker")
    with logs.bound(queue_id="0AB"):
        log.info("claimed")
        logging.getLogger("a.library").warning("careful")
    log.info("idle")
    assert [line.get("queue_id") for line in lines(out)] == ["0AB", "0AB", None]


def test_what_is_bound_goes_along_into_tasks_and_threads(start: Start) -> None:
    out = start("json")
    log = structlog.get_logger("inboxd.worker")

    async def message(queue_id: str) -> None:
        with logs.bound(queue_id=queue_id):
            await asyncio.sleep(0)
            await asyncio.to_thread(log.info, "thread", wanted=queue_id)

    async def several() -> None:
        await asyncio.gather(*(message(f"id-{number}") for number in range(5)))

    asyncio.run(several())
    assert len(lines(out)) == 5
    assert all(line["queue_id"] == line["wanted"] for line in lines(out))


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ("debug", ["debug", "info", "warning", "error"]),
        ("info", ["info", "warning", "error"]),
        ("warning", ["warning", "error"]),
        ("error", ["error"]),
    ],
)
def test_nothing_below_the_chosen_level_is_written(start: Start, level: logs.Level, said: list[str]) -> None:
    out = start("json", level)
    for log in (structlog.get_logger("inboxd.worker"), logging.getLogger("a.library")):
        for each in ("debug", "info", "warning", "error"):
            getattr(log, each)("said")
    assert [line["level"] for line in lines(out)] == said * 2


@pytest.mark.parametrize("name", ["mail.log", "apscheduler.scheduler", "sqlalchemy.engine", "asyncio", "mailparser"])
def test_the_inner_life_of_libraries_is_kept_out_even_at_debug(start: Start, name: str) -> None:
    out = start("json", "debug")
    logging.getLogger(name).debug("RCPT TO, or the line of a mail")
    logging.getLogger(name).info("RCPT TO, or the line of a mail")
    assert out.getvalue() == ""


def test_at_error_a_library_is_no_louder_than_we_are(start: Start) -> None:
    out = start("json", "error")
    logging.getLogger("sqlalchemy.pool").warning("careful")
    logging.getLogger("sqlalchemy.pool").error("broken")
    assert [line["event"] for line in lines(out)] == ["broken"]


def test_the_last_set_up_holds_even_for_loggers_in_use(start: Start) -> None:
    first = start("console")
    log = structlog.get_logger("inboxd.worker")
    log.info("one")
    second = start("json", "warning")
    log.info("two")
    log.warning("three")
    assert first.getvalue().count("\n") == 1
    assert [line["event"] for line in lines(second)] == ["three"]


def test_a_warning_of_python_is_a_line_of_the_log(start: Start) -> None:
    out = start("json")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        # Within the block, or pytest's own capture would be what is called.
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn("careful", UserWarning, stacklevel=1)
    assert "UserWarning: careful" in str(lines(out)[0]["event"])
    assert lines(out)[0]["logger"] == "py.warnings"
