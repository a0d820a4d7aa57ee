"""The commands of RFC 3501, answered truly."""

import base64
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from tests.harness.lying_imap.answers import Answer
from tests.harness.lying_imap.command import Command, numbers
from tests.harness.lying_imap.folders import Folder, Folders, Mail

_PARTIAL = re.compile(rb"<(\d+)\.(\d+)>\Z")
_FIELDS = re.compile(rb"\ABODY(?:\.PEEK)?\[HEADER\.FIELDS\s*\(([^)]*)\)\]", re.IGNORECASE)
_BODY = re.compile(rb"\ABODY(?:\.PEEK)?\[(HEADER)?\]", re.IGNORECASE)


class Commands:
    """One client's state: what it has selected, and which mails it was told of."""

    def __init__(
        self,
        folders: Folders,
        *,
        user: str,
        password: str,
        capabilities: Sequence[str],
        ask: Callable[[], bytes],
    ) -> None:
        """`ask` sends an empty challenge and gives the client's answer."""
        self._folders, self._user, self._password = folders, user, password
        self._said_capabilities, self._ask = capabilities, ask
        self._selected: Folder | None = None
        self._read_only = False
        self._known: list[int] = []  # the UIDs this client was told of, by sequence number

    def greeting(self) -> Answer:
        """What a server says before it is asked."""
        return Answer(tagged=b"* OK [CAPABILITY %s] ready\r\n" % self._capabilities())

    def _capabilities(self) -> bytes:
        return " ".join(self._said_capabilities).encode()

    def answer(self, command: Command) -> Answer:
        """Do what was asked and say so."""
        handler = _HANDLERS.get(command.name)
        if handler is None:
            return Answer(tagged=command.tag + b" BAD no such command\r\n")
        with self._folders.lock:
            try:
                answer = handler(self, command)
            except (LookupError, ValueError) as error:
                return Answer(tagged=command.tag + b" BAD %s\r\n" % repr(error).encode())
            if command.name not in ("FETCH", "STORE", "SEARCH", "SELECT", "EXAMINE"):
                answer.untagged += self.news()
        if not answer.tagged:
            answer.tagged = command.tag + b" OK done\r\n"
        return answer

    def _capability(self, _command: Command) -> Answer:
        return Answer(untagged=[b"* CAPABILITY %s\r\n" % self._capabilities()])

    def _nothing(self, _command: Command) -> Answer:
        return Answer()

    def _logout(self, _command: Command) -> Answer:
        return Answer(untagged=[b"* BYE see you\r\n"])

    def _login(self, command: Command) -> Answer:
        if (command.word(0), command.word(1)) != (self._user, self._password):
            return Answer(tagged=command.tag + b" NO [AUTHENTICATIONFAILED] wrong\r\n")
        return Answer(tagged=command.tag + b" OK [CAPABILITY %s] signed in\r\n" % self._capabilities())

    def _authenticate(self, command: Command) -> Answer:
        given = self._ask() if len(command.arguments) < 2 else command.words(1)[0]
        expected = f"\0{self._user}\0{self._password}".encode()
        if base64.b64decode(given) != expected:
            return Answer(tagged=command.tag + b" NO [AUTHENTICATIONFAILED] wrong\r\n")
        return Answer()

    def _list(self, _command: Command) -> Answer:
        return Answer(
            untagged=[b'* LIST (\\HasNoChildren) "/" "%s"\r\n' % name.encode() for name in self._folders.by_name]
        )

    def _create(self, command: Command) -> Answer:
        self._folders.by_name.setdefault(command.word(0), Folder(name=command.word(0)))
        return Answer()

    def _select(self, command: Command) -> Answer:
        folder = self._folders.by_name.get(command.word(0))
        if folder is None:
            self._selected = None
            return Answer(tagged=command.tag + b" NO [NONEXISTENT] no such folder\r\n")
        self._selected, self._read_only = folder, command.name == "EXAMINE"
        self._known = folder.seen()
        lines = [
            b"* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n",
            b"* OK [PERMANENTFLAGS (%s)] flags\r\n" % (b"" if self._read_only else b"\\Deleted \\Seen \\*"),
            b"* %d EXISTS\r\n" % len(self._known),
            b"* 0 RECENT\r\n",
            b"* OK [UIDVALIDITY %d] valid\r\n" % folder.uidvalidity,
            b"* OK [UIDNEXT %d] next\r\n" % folder.uidnext,
        ]
        mode = b"READ-ONLY" if self._read_only else b"READ-WRITE"
        return Answer(untagged=lines, tagged=command.tag + b" OK [%s] selected\r\n" % mode)

    def _status(self, command: Command) -> Answer:
        folder = self._folders.by_name.get(command.word(0))
        if folder is None:
            return Answer(tagged=command.tag + b" NO [NONEXISTENT] no such folder\r\n")
        values = {b"MESSAGES": len(folder.seen()), b"UIDNEXT": folder.uidnext, b"UIDVALIDITY": folder.uidvalidity}
        said = b" ".join(b"%s %d" % (name.upper(), values.get(name.upper(), 0)) for name in command.words(1))
        return Answer(untagged=[b'* STATUS "%s" (%s)\r\n' % (folder.name.encode(), said)])

    def _unselect(self, _command: Command) -> Answer:
        self._selected = None
        return Answer()

    def _search(self, command: Command) -> Answer:
        folder = self._folder()
        found = folder.seen()
        keys = [key for number in range(len(command.arguments)) for key in command.words(number)]
        while keys:
            key = keys.pop(0).upper()
            if key == b"UID":
                found = numbers(keys.pop(0), found)
            elif key in (b"SINCE", b"BEFORE"):
                day = datetime.strptime(keys.pop(0).decode(), "%d-%b-%Y").replace(tzinfo=UTC)
                found = [uid for uid in found if (folder.mails[uid].internal_date >= day) == (key == b"SINCE")]
            elif key == b"CHARSET":
                keys.pop(0)
            elif key in (b"UNSEEN", b"UNDELETED"):
                flag = {b"UNSEEN": "\\Seen", b"UNDELETED": "\\Deleted"}[key]
                found = [uid for uid in found if flag not in folder.mails[uid].flags]
            elif key[:1].isdigit() or key[:1] == b"*":
                found = [uid for number, uid in enumerate(self._known, 1) if number in numbers(key, _upto(self._known))]
            elif key != b"ALL":
                return Answer(tagged=command.tag + b" BAD unknown search key\r\n")
        return Answer(untagged=[b"* SEARCH %s\r\n" % b" ".join(b"%d" % uid for uid in found)])

    def _fetch(self, command: Command) -> Answer:
        folder = self._folder()
        lines = []
        for uid in numbers(command.words(0)[0], folder.seen()):
            if uid not in self._known:
                self._known.append(uid)  # a mail that came since: told of by its FETCH
            items = [b"UID %d" % uid]
            # A word inside the brackets of HEADER.FIELDS may be cut by spaces: joined again before it is read.
            for item in re.findall(rb"[^\s\[]+(?:\[[^\]]*\])?(?:<[\d.]+>)?", b" ".join(command.words(1))):
                items += self._item(item, folder.mails[uid])
            lines.append(b"* %d FETCH (%s)\r\n" % (self._known.index(uid) + 1, b" ".join(items)))
        return Answer(untagged=lines)

    def _item(self, item: bytes, mail: Mail) -> list[bytes]:
        name = item.upper()
        if name == b"UID":
            return []
        if name == b"FLAGS":
            return [b"FLAGS (%s)" % " ".join(sorted(mail.flags)).encode()]
        if name == b"RFC822.SIZE":
            return [b"RFC822.SIZE %d" % (len(mail.raw) if mail.said_size is None else mail.said_size)]
        if name == b"INTERNALDATE":
            return [b'INTERNALDATE "%s"' % mail.internal_date.strftime("%d-%b-%Y %H:%M:%S %z").encode()]
        data, label = _section(item, mail.raw)
        partial = _PARTIAL.search(item)
        if partial:
            start, size = int(partial[1]), int(partial[2])
            data, label = data[start : start + size], label + b"<%d>" % start
        return [b"%s {%d}\r\n%s" % (label, len(data), data)]

    def _store(self, command: Command) -> Answer:
        folder = self._folder()
        if self._read_only:
            return Answer(tagged=command.tag + b" NO [READ-ONLY] examined\r\n")
        change, flags = command.word(1).upper(), {flag.decode() for flag in command.words(2)}
        lines = []
        for uid in numbers(command.words(0)[0], folder.seen()):
            mail = folder.mails[uid]
            if change.startswith("+"):
                mail.flags |= flags
            elif change.startswith("-"):
                mail.flags -= flags
            else:
                mail.flags = flags
            if not change.endswith(".SILENT"):
                said = " ".join(sorted(mail.flags)).encode()
                lines.append(b"* %d FETCH (UID %d FLAGS (%s))\r\n" % (folder.seen().index(uid) + 1, uid, said))
        return Answer(untagged=lines)

    def _copy(self, command: Command) -> Answer:
        folder, to = self._folder(), command.word(1)
        if to not in self._folders.by_name:
            return Answer(tagged=command.tag + b" NO [TRYCREATE] no such folder\r\n")
        uids = numbers(command.words(0)[0], folder.seen())
        self._folders.copy(folder.name, uids, to)
        if command.name == "UID MOVE":
            for uid in uids:
                del folder.mails[uid]
        return Answer()

    def _expunge(self, command: Command) -> Answer:
        folder = self._folder()
        uids = numbers(command.words(0)[0], folder.seen()) if command.name == "UID EXPUNGE" else folder.seen()
        self._folders.expunge(folder.name, [uid for uid in uids if "\\Deleted" in folder.mails[uid].flags])
        return Answer()

    def _folder(self) -> Folder:
        if self._selected is None:
            raise LookupError("nothing is selected")
        return self._selected

    def news(self) -> list[bytes]:
        """What has changed since the client was told: EXPUNGE for each that went, EXISTS for what came."""
        if self._selected is None:
            return []
        with self._folders.lock:
            present = self._selected.seen()
        lines = []
        for number in range(len(self._known), 0, -1):
            if self._known[number - 1] not in present:
                del self._known[number - 1]
                lines.append(b"* %d EXPUNGE\r\n" % number)
        if len(present) != len(self._known):
            lines.append(b"* %d EXISTS\r\n" % len(present))
        self._known = present
        return lines


def _upto(known: list[int]) -> list[int]:
    return list(range(1, len(known) + 1))


def _section(item: bytes, raw: bytes) -> tuple[bytes, bytes]:
    """The bytes that a BODY[…] names, and what the answer calls them."""
    header = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    if fields := _FIELDS.match(item):
        wanted = {name.strip(b'"').lower() for name in fields[1].split()}
        kept = [
            field
            for field in re.findall(rb"[^\r\n][^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*", header)
            if field.partition(b":")[0].strip().lower() in wanted
        ]
        return b"".join(kept) + b"\r\n", b"BODY[HEADER.FIELDS (%s)]" % fields[1]
    if body := _BODY.match(item):
        return (header, b"BODY[HEADER]") if body[1] else (raw, b"BODY[]")
    raise ValueError(item)


_HANDLERS: dict[str, Callable[[Commands, Command], Answer]] = {
    "CAPABILITY": Commands._capability, "NOOP": Commands._nothing, "ID": Commands._nothing, "CHECK": Commands._nothing,
    "ENABLE": Commands._nothing, "STARTTLS": Commands._nothing, "LOGOUT": Commands._logout, "LOGIN": Commands._login,
    "AUTHENTICATE": Commands._authenticate, "LIST": Commands._list, "CREATE": Commands._create,
    "SELECT": Commands._select, "EXAMINE": Commands._select, "STATUS": Commands._status,
    "UNSELECT": Commands._unselect, "CLOSE": Commands._unselect, "UID SEARCH": Commands._search,
    "UID FETCH": Commands._fetch, "UID STORE": Commands._store, "UID COPY": Commands._copy, "UID MOVE": Commands._copy,
    "UID EXPUNGE": Commands._expunge, "EXPUNGE": Commands._expunge,
}  # fmt: skip
