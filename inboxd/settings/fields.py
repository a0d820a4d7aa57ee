"""The kinds of values that the form of inboxd.yaml is made of, and the base of its parts."""

from collections.abc import Callable
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, GetPydanticSchema
from pydantic_core import core_schema

from inboxd.settings import phone_values, remote_values, values
from inboxd.settings.sections import After, Start
from inboxd.settings.values import Endpoint


def _from_text(parse: Callable[[str], Any], what: str) -> GetPydanticSchema:
    """A field that stands as text in the file and is what `parse` makes of it in the program.

    `what` is what people call such a text; it stands as `format` in the JSON Schema and in the reference.
    """
    schema = core_schema.no_info_after_validator_function(parse, core_schema.str_schema())
    return GetPydanticSchema(
        get_pydantic_core_schema=lambda _source, _handler: schema,
        get_pydantic_json_schema=lambda _schema, _handler: {"type": "string", "format": what},
    )


class Form(BaseModel):
    """A part of inboxd.yaml: an unknown key is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Zone = Annotated[ZoneInfo, _from_text(values.zone, "time zone")]
Listen = Annotated[Endpoint, _from_text(values.listen, "host:port")]
Nameserver = Annotated[Endpoint, _from_text(values.nameserver, "network address")]
Network = Annotated[values.Network, _from_text(values.network, "network")]
Domain = Annotated[str, _from_text(values.domain, "domain name")]
StoreUrl = Annotated[str, _from_text(values.store_url, "URL")]
BlobFolder = Annotated[str, _from_text(values.blobs, "folder")]
FilePath = Annotated[str, _from_text(values.path_text, "path")]
Recipient = Annotated[str, _from_text(values.recipient, "mail address")]
Address = Annotated[str, _from_text(values.address, "mail address")]
Hostname = Annotated[str, _from_text(values.hostname, "host name")]
Name = Annotated[str, _from_text(values.name, "text")]
ReferenceMark = Annotated[str, _from_text(values.reference_mark, "mark of references")]
Language = Annotated[str, _from_text(values.language, "language")]

MailboxName = Annotated[str, _from_text(remote_values.mailbox_name, "name")]
MailboxReference = Annotated[str, _from_text(remote_values.mailbox_reference, "imap.NAME")]
Host = Annotated[str, _from_text(remote_values.host, "host name or network address")]
User = Annotated[str, _from_text(remote_values.user, "text")]
Folder = Annotated[str, _from_text(remote_values.folder, "folder name")]
AfterText = Annotated[After, _from_text(remote_values.after, "`keep`, `seen`, `move:FOLDER` or `delete`")]
StartText = Annotated[Start, _from_text(remote_values.start, "`now`, `history`, `all` or a date")]
Envelope = Annotated[Literal["from"], _from_text(remote_values.envelope, "`from`")]
AuthservId = Annotated[str, _from_text(remote_values.authserv_id, "host name")]
FilterName = Annotated[str, _from_text(values.filter_name, "name of a header field")]
Tenant = Annotated[str, _from_text(remote_values.tenant, "directory ID or domain")]
ApiUrl = Annotated[str, _from_text(phone_values.api_url, "https URL")]
PublicUrl = Annotated[str, _from_text(phone_values.public_url, "https URL")]
AccountSid = Annotated[str, _from_text(phone_values.account_sid, "Account SID")]
Sender = Annotated[str, _from_text(phone_values.sender, "mail address or @domain")]
PhoneNumber = Annotated[str, _from_text(phone_values.number, "E.164 number")]
SecureUrl = Annotated[str, _from_text(remote_values.secure_url, "https URL")]
Scope = Annotated[str, _from_text(remote_values.scope, "text")]
