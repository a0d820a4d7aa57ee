"""The command table, and every end that a command can have turned into words and an exit code."""

from collections.abc import Sequence

import click

import inboxd
from inboxd.cli.group import Entry, LazyGroup
from inboxd.cli.session import Session
from inboxd.errors import InboxdError, UsageWrong

SECTIONS = {
    "Setting up and running": {
        "init": Entry("inboxd.cli.init", "Write a working set of files into a new folder."),
        "check": Entry("inboxd.cli.check", "Look for everything that would keep inboxd from working."),
        "run": Entry("inboxd.cli.run", "Run the daemon."),
        "reload": Entry("inboxd.cli.reload", "Let the running daemon read rules and accounts again."),
        "oauth": Entry("inboxd.cli.oauth", "Sign in for a mailbox or for outgoing mail."),
        "status": Entry("inboxd.cli.status", "Show what needs a person, what listens, what waits and how old it is."),
        "audit": Entry("inboxd.cli.audit", "Compare what mailboxes and phone hold with the store, and name every gap."),
        "rules": Entry("inboxd.cli.rules", "Check the rules file, test it, try it out."),
        "schema": Entry(
            "inboxd.cli.schema", "Write the JSON Schema of inboxd.yaml, rules.yaml or accounts.yaml, or of all three."
        ),
        "db": Entry("inboxd.cli.db", "Look after the store."),
    },
    "Messages": {
        "ingest": Entry("inboxd.cli.ingest", "File mails and recordings through the very same pipeline."),
        "parse": Entry("inboxd.cli.parse", "Show how mails are read; needs no configuration."),
        "transcribe": Entry("inboxd.cli.transcribe", "Turn recordings into text; needs no configuration."),
        "why": Entry("inboxd.cli.why", "Explain a decision, from the proof to the arithmetic."),
        "intake": Entry("inboxd.cli.intake", "Look at what came in, and repair it."),
        "outbox": Entry("inboxd.cli.outbox", "Look at what inboxd sends, try it again, let it go."),
    },
    "Tickets": {
        "tickets": Entry("inboxd.cli.tickets", "Read the queue and work on tickets."),
        "report": Entry(
            "inboxd.cli.report", "Show service levels: tickets, clocks met and breached, and the open time it took."
        ),
        "oncall": Entry("inboxd.cli.oncall", "Look at the rota, try it, and take a page."),
        "phone": Entry("inboxd.cli.phone", "Set the phone's lines up at the provider; turn callers away."),
        "accounts": Entry("inboxd.cli.accounts", "Look up and change accounts and their contacts."),
    },
}

main = LazyGroup(
    name="inboxd",
    sections=SECTIONS,
    help="A support desk's mailbox and phone line, turned into tickets.",
    epilog="Exit codes: 0 done, 1 something failed, 2 wrong usage, 75 try again later, 78 a file is wrong.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
click.version_option(inboxd.__version__, prog_name="inboxd", message="%(prog)s %(version)s")(main)


def execute(given: Sequence[str]) -> int:
    """Run the command line `given`; return its exit code. Raises BrokenPipeError when nobody reads any more."""
    session = Session()
    try:
        result = main.main(list(given), prog_name="inboxd", standalone_mode=False, obj=session)
    except InboxdError as error:
        session.out.error(error)
        return error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        session.out.hint(error.format_message())
        return error.exit_code
    except click.ClickException as error:
        # A wrong option ends the parsing before `--json` behind it was seen.
        session.out.json |= "--json" in given
        session.out.error(UsageWrong(_with_hint(error)))
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        session.out.hint("inboxd: interrupted")
        return 130
    except BrokenPipeError:
        raise
    except OSError as error:
        return _unexpected(
            error, session, f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}"
        )
    except Exception as error:  # noqa: BLE001 - the boundary: a person gets one line, and the traceback on request
        return _unexpected(error, session, f"internal error: {type(error).__name__}: {error}")
    return result if isinstance(result, int) else 0


def _with_hint(error: click.ClickException) -> str:
    message = error.format_message()
    ctx = getattr(error, "ctx", None)
    return f"{message} See `{ctx.command_path} --help`." if ctx is not None else message


def _unexpected(error: Exception, session: Session, words: str) -> int:
    if session.debug:
        import traceback

        session.out.hint("".join(traceback.format_exception(error)))
    else:
        words += " (INBOXD_DEBUG=1 shows where)"
    session.out.error(InboxdError(words.replace("\n", " ")))
    return 1
