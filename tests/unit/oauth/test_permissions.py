"""A token that a mail server does not take: the missing permission is named."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxd.oauth import permissions, sasl
from inboxd.oauth.claims import claims_of
from inboxd.settings import OAuth2, Provider

SECRET = "signature-that-nobody-may-see"


def jwt(**claims: Any) -> str:
    parts = (base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode() for each in ({}, claims))
    return ".".join((*parts, SECRET))


def sign_in_at(provider: Provider | None, grant: str = "client-credentials") -> OAuth2:
    return OAuth2(
        name="imap.support", provider=provider, grant=grant, token_url="https://login.example.com/token",
        authorize_url=None, client_id="x", client_secret=None, refresh_token=None, scope="", login_scope="",
        ca_file=None,
    )  # fmt: skip


def said(oauth2: OAuth2, token: str, protocol: permissions.Protocol = "imap", scope: str = "") -> str:
    attempt = permissions.Attempt(
        protocol=protocol, user="support@example.com", server="imap.example.com:993", words="AUTHENTICATE failed",
        refusal=sasl.Refusal(status="401", scope=scope),
    )  # fmt: skip
    trouble = permissions.explained(oauth2, token, attempt)
    assert trouble.kind == "credentials"
    assert SECRET not in str(trouble)
    return str(trouble)


@pytest.mark.parametrize(
    ("grant", "protocol", "needed", "kind"),
    [
        ("client-credentials", "imap", "IMAP.AccessAsApp", "Office 365 Exchange Online, Application"),
        ("client-credentials", "smtp", "SMTP.SendAsApp", "Office 365 Exchange Online, Application"),
        ("refresh-token", "imap", "IMAP.AccessAsUser.All", "Microsoft Graph, Delegated"),
        ("refresh-token", "smtp", "SMTP.Send", "Microsoft Graph, Delegated"),
    ],
)
def test_at_microsoft_the_missing_permission_is_named_with_the_place_to_grant_it(
    grant: str, protocol: permissions.Protocol, needed: str, kind: str
) -> None:
    token = jwt(aud="https://outlook.office365.com", roles=["Mail.Read"])
    words = said(sign_in_at("microsoft", grant), token, protocol)
    assert f"lacks the permission {needed}" in words
    assert f"{kind} permissions: add {needed}" in words


def test_a_token_without_any_role_lacks_the_permission_too() -> None:
    assert "lacks the permission IMAP.AccessAsApp" in said(sign_in_at("microsoft"), jwt(aud="x"))


def test_an_application_with_the_permission_still_needs_a_service_principal_and_the_mailbox() -> None:
    words = said(sign_in_at("microsoft"), jwt(roles=["IMAP.AccessAsApp"]))
    assert "lacks" not in words
    assert "New-ServicePrincipal" in words
    assert "Add-MailboxPermission -Identity support@example.com" in words
    assert "-ImapEnabled $true" in words


def test_a_person_with_the_permission_needs_access_to_the_mailbox() -> None:
    token = jwt(scp="IMAP.AccessAsUser.All SMTP.Send", upn="admin@example.com")
    words = said(sign_in_at("microsoft", "refresh-token"), token, "smtp")
    assert "admin@example.com has Full Access to the mailbox support@example.com" in words
    assert "-SmtpClientAuthenticationDisabled $false" in words


def test_a_token_for_graph_is_told_apart() -> None:
    token = jwt(aud="https://graph.microsoft.com", roles=["IMAP.AccessAsApp"])
    assert "which is for Microsoft Graph" in said(sign_in_at("microsoft"), token)


def test_at_google_the_scope_is_named() -> None:
    words = said(sign_in_at("google", "refresh-token"), "ya29.opaque")
    assert "https://mail.google.com/" in words
    assert "inboxd oauth login support" in words
    assert "status 401" in words


def test_elsewhere_the_scope_that_the_server_wants_is_named() -> None:
    oauth2 = sign_in_at(None)
    assert "lacks the scope mail.imap" in said(oauth2, jwt(scope="openid"), scope="openid mail.imap")
    assert "asks for the scope mail.imap" in said(oauth2, "opaque", scope="mail.imap")


@given(st.text(max_size=300))
def test_any_text_may_be_a_token(token: str) -> None:
    claims_of(token)


@pytest.mark.parametrize("payload", [b"[]", b"{", b"\xff\xfe", b'{"scp": 5, "roles": "no list", "aud": ["x"]}'])
def test_a_token_with_odd_claims_says_nothing(payload: bytes) -> None:
    claims = claims_of(f"e30.{base64.urlsafe_b64encode(payload).decode()}.x")
    assert claims is None or claims.permissions is None
