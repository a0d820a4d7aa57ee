"""The form of accounts.yaml, as its keys and single values are checked and documented."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from inboxd.accounts import values

_Text = Annotated[str, AfterValidator(values.text)]
_Address = Annotated[str, AfterValidator(values.address), WithJsonSchema({"type": "string", "format": "mail address"})]
_Number = Annotated[str, AfterValidator(values.number), WithJsonSchema({"type": "string", "format": "phone number"})]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ContactForm(_Form):
    """A person or place of an account."""

    name: _Text = Field(description="Who this is, as staff shall read it.", examples=["Operations"])
    addresses: list[_Address] = Field(
        default=[],
        description="Mail addresses on file. The first one names the contact.",
        examples=[["ops@acme.example"]],
    )
    numbers: list[_Number] = Field(
        default=[],
        description="Phone numbers on file, in E.164 form. A number may stand on several contacts.",
        examples=[["+15550100"]],
    )
    authorized: bool = Field(
        default=False, description="Whether this contact may ask for changes to the account.", examples=[True]
    )
    role: _Text | None = Field(
        default=None, description="A word of the desk's own for rules to test.", examples=["primary"]
    )
    valid_until: Annotated[date, BeforeValidator(values.day)] | None = Field(
        default=None,
        description="Last day, inclusive, in the desk's zone, on which `authorized` holds; null: no end.",
        examples=["2026-12-31"],
    )


class AccountForm(_Form):
    """A customer of the desk."""

    id: _Text = Field(description="A short name that never changes; unique.", examples=["acme"])
    name: _Text = Field(description="The customer's name, as staff shall read it.", examples=["Acme Widgets"])
    plan: _Text | None = Field(
        default=None,
        description="The service plan. Where rules.yaml lists `plans`, it must be one of them.",
        examples=["standard"],
    )
    contacts: list[ContactForm] = Field(default=[], description="Who writes and calls for this account.")


class AccountsForm(_Form):
    """The accounts file."""

    accounts: list[AccountForm] | None = Field(default=None, description="The customers of the desk.")
