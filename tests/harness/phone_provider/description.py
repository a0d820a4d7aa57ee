"""The provider's published description of its API as a judge of both sides of a conversation.

The document is not ours to commit: it is read from the folder of shared data. A validator library does the judging;
the document is made stricter on the way in, so that a field that the provider does not have is a complaint, too.
"""

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse

_USED = (
    "/Accounts/{Sid}.json", "/Calls.json", "/Calls/{Sid}.json", "/Recordings.json", "/Recordings/{Sid}.json",
    "/IncomingPhoneNumbers.json", "/IncomingPhoneNumbers/{Sid}.json", "/Messages.json",
)  # fmt: skip


class Description:
    """One document. Judging costs a few milliseconds."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _document(self) -> dict[str, Any]:
        document = json.loads(self._path.read_text("utf-8"))
        document["paths"] = {path: item for path, item in document["paths"].items() if path.endswith(_USED)}
        _stricter(document)
        return document

    @cached_property
    def _api(self) -> OpenAPI:
        return OpenAPI.from_dict(self._document, config=Config(spec_validator_cls=None))

    def complaints(
        self,
        method: str,
        path: str,
        *,
        query: str,
        headers: Mapping[str, str],
        body: bytes,
        status: int,
        answer: bytes,
    ) -> list[str]:
        """Say what is wrong with a question and its answer; an answer of a kind that the document lacks passes."""
        what = f"{method} {path}?{query}"
        asked = MockRequest(
            "https://api.twilio.com", method.lower(), path, path_pattern=None, headers=dict(headers),
            args={name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()},
            data=body or None, content_type=headers.get("Content-Type", ""),
        )  # fmt: skip
        found = []
        try:
            self._api.validate_request(asked)
            if 200 <= status < 300:
                answered = MockResponse(answer, status, content_type="application/json" if answer else "")
                self._api.validate_response(asked, answered)
        except OpenAPIError as error:
            found.append(f"{what}: {error} {error.__cause__ or ''}")
        return [*found, *(f"{what}: no parameter {name}" for name in self._unknown(method, path, query))]

    def _unknown(self, method: str, path: str, query: str) -> set[str]:
        for pattern, item in self._document["paths"].items():
            if _matches(pattern, path) and method.lower() in item:
                known = {each["name"] for each in item[method.lower()].get("parameters", ()) if each["in"] == "query"}
                # What the provider's own addresses of further pages hold stands in no description.
                return set(parse_qs(query, keep_blank_values=True)) - known - {"Page", "PageToken"}
        return {f"(path {path})"}


def _matches(pattern: str, path: str) -> bool:
    parts, given = pattern.split("/"), path.split("/")
    return len(parts) == len(given) and all(
        part == there or (part.startswith("{") and part.endswith(".json") == there.endswith(".json"))
        for part, there in zip(parts, given, strict=True)
    )


def _stricter(node: Any) -> None:
    if isinstance(node, dict):
        properties = node.get("properties")
        if isinstance(properties, dict) and node.get("type") == "object":
            # The client sends and the provider gives what is written down, no more.
            node.setdefault("additionalProperties", False)
            for name, schema in properties.items():
                # The document's own examples of these are relative, although it calls them URIs.
                if isinstance(schema, dict) and (name == "uri" or name.endswith("_page_uri")):
                    schema.pop("format", None)
        for value in node.values():
            _stricter(value)
    elif isinstance(node, list):
        for value in node:
            _stricter(value)
