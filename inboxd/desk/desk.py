"""The table of operations, and the one place where their errors become words for a person."""

from collections.abc import Callable
from functools import cache
from typing import Any

from pydantic import ValidationError, validate_call

from inboxd.desk import (
    account_changes,
    account_imports,
    accounts,
    answering,
    audit,
    decisions,
    explain,
    files,
    hearing,
    imports,
    intake,
    oauth,
    oncall,
    outbox,
    outgoing,
    permits,
    phone,
    relations,
    report,
    running,
    status,
    tickets,
    undoing,
    watch,
)
from inboxd.desk.context import Context
from inboxd.errors import InboxdError, TryLater, UsageWrong
from store import errors as store_errors

OPERATIONS: dict[str, Callable[..., Any]] = {
    "status": status.status,
    "audit": audit.audit,
    "reload": running.reload,
    "tickets.list": tickets.list_,
    "tickets.next": tickets.next_,
    "tickets.show": tickets.show,
    "tickets.audience": tickets.audience,
    "tickets.unknown_names": tickets.unknown_names,
    "tickets.search": tickets.search,
    "tickets.set": tickets.set_,
    "tickets.note": tickets.note,
    "tickets.watch": watch.watch,
    "tickets.allow": permits.allow,
    "tickets.reply": answering.answer,
    "tickets.merge": relations.merge,
    "tickets.split": relations.split,
    "tickets.link": relations.link,
    "tickets.requester": relations.requester,
    "tickets.undo": undoing.undo,
    "tickets.export": tickets.export,
    "accounts.list": accounts.list_,
    "accounts.show": accounts.show,
    "accounts.kept": accounts.kept,
    "accounts.import": account_imports.import_,
    "accounts.preview": account_imports.preview,
    "accounts.differences": account_imports.differences,
    "accounts.add": account_changes.add,
    "accounts.set": account_changes.set_,
    "accounts.remove": account_changes.remove,
    "accounts.add-contact": account_changes.add_contact,
    "accounts.remove-contact": account_changes.remove_contact,
    "accounts.let-in": permits.let_in,
    "intake.list": intake.list_,
    "intake.show": intake.show,
    "intake.raw": intake.raw,
    "intake.replay": intake.replay,
    "intake.discard": intake.discard,
    "ingest.accept": intake.accept,
    "ingest.outcome": intake.outcome,
    "import.take": imports.take,
    "import.outcomes": imports.outcomes,
    "report": report.report,
    "oauth.keep": oauth.keep,
    "oncall.now": oncall.now,
    "oncall.test": oncall.try_out,
    "oncall.ack": oncall.ack,
    "outbox.list": outbox.list_,
    "outbox.show": outbox.show,
    "outbox.retry": outbox.retry,
    "outbox.release": outbox.release,
    "outgoing.look": outgoing.look,
    "outgoing.send-test": outgoing.send_test,
    "rules.decisions": decisions.decisions,
    "tickets.files": files.list_,
    "tickets.file": files.piece,
    "tickets.correct": hearing.correct,
    "phone.setup": phone.setup,
    "phone.look": phone.look,
    "phone.block": phone.block,
    "phone.unblock": phone.unblock,
    "phone.blocks": phone.blocks,
    "phone.phrases": hearing.phrases,
    "phone.forget": hearing.forget,
    "why": explain.why,
    "why.message": explain.why_message,
}

# What changes the store: a command without a daemon takes the writer's lock for these alone.
WRITES = frozenset(
    {
        "tickets.next",
        "tickets.set",
        "tickets.note",
        "tickets.allow",
        "tickets.reply",
        "tickets.merge",
        "tickets.split",
        "tickets.link",
        "tickets.requester",
        "tickets.undo",
        "intake.replay",
        "intake.discard",
        "ingest.accept",
        "import.take",
        "accounts.import",
        "accounts.add",
        "accounts.set",
        "accounts.remove",
        "accounts.add-contact",
        "accounts.remove-contact",
        "accounts.let-in",
        "phone.block",
        "phone.unblock",
        "phone.forget",
        "tickets.correct",
        "oauth.keep",
        "oncall.test",
        "oncall.ack",
        "outbox.retry",
        "outbox.release",
        "outgoing.look",
        "outgoing.send-test",
    }
)
# What can be answered from the accounts file alone, before a writing command has made a store.
WITHOUT_STORE = frozenset(
    {
        "oncall.now",
        "accounts.list",
        "accounts.show",
        "accounts.preview",
        "accounts.differences",
        "phone.setup",
    }
)
_TAKE_BYTES = frozenset(
    {"accounts.import", "accounts.preview", "ingest.accept", "import.take", "tickets.reply", "why.message"}
)


@cache
def _checked(operation: str) -> Callable[..., Any]:
    """The operation, refusing arguments that do not fit. Made when it is called: making all takes half a second."""
    return validate_call(config={"arbitrary_types_allowed": True})(OPERATIONS[operation])


class Desk:
    """Answers operations for one actor."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def call(self, operation: str, arguments: dict[str, Any], payload: bytes = b"") -> Any:
        """Run an operation and return its JSON value. InboxdError says in one sentence what is wrong."""
        if operation not in OPERATIONS:
            raise UsageWrong(f'no operation "{operation}": there are {", ".join(OPERATIONS)}')
        extra = {"payload": payload} if operation in _TAKE_BYTES else {}
        try:
            return _checked(operation)(self._context, **{**arguments, **extra})
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise UsageWrong(f"{operation}: {where}: {first['msg']}") from error
        except store_errors.NotFound as error:
            raise InboxdError(str(error)) from error
        except store_errors.StoreError as error:
            if error.temporary:
                raise TryLater(str(error)) from error
            raise InboxdError(str(error)) from error
