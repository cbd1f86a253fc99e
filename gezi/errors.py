"""The client's own errors, beside those of `extractor.errors`: what a server, or the way to it, can do to a run.

GeziError
└── ClientError
    ├── ServerAway      no answer, or none of a Gezi service
    ├── ServerBusy      it said "not now" for as long as we were ready to wait
    ├── KeyRefused      it wants a key, or another one
    └── ServerRefused   it will not do what was asked
"""

from __future__ import annotations

from extractor import errors
from extractor.errors import GeziError


class ClientError(GeziError):
    code = "client_error"
    exit_code = 80


class ServerAway(ClientError):
    code = "server_away"
    exit_code = 81
    retryable = True


class ServerBusy(ClientError):
    code = "server_busy"
    exit_code = 82
    retryable = True


class KeyRefused(ClientError):
    code = "key_refused"
    exit_code = 83


class ServerRefused(ClientError):
    code = "server_refused"
    exit_code = 84


def error_of(code: str, detail: str) -> GeziError:
    """The error that a server names by its code, as if it had happened here."""
    known = _BY_CODE.get(code)
    return ServerRefused(f"{detail} ({code})") if known is None else known(detail)


def _tree(root: type[GeziError]) -> list[type[GeziError]]:
    return [root, *(c for child in root.__subclasses__() if child.__module__ == errors.__name__ for c in _tree(child))]


_BY_CODE = {c.code: c for c in _tree(GeziError)}
