"""The error tree. Every failure a caller can see is one of these.

GeziError
├── InputError                 the bytes given are at fault; a retry cannot help
│   ├── UnsupportedMedia       not a PDF, PNG, JPEG or TIFF (rar, 7z, docx, ofd … are named)
│   ├── EmptyInput             a file of zero bytes
│   ├── DamagedDocument        truncated or broken beyond what can be opened
│   ├── NoPages                a document without a page, or an image of 0 x 0
│   ├── PageRange              the page range asked for is malformed or outside the document
│   ├── TooLarge               a page or image above the pixel limit (decompression bombs included)
│   └── Encrypted
│       ├── PasswordRequired
│       └── PasswordWrong
├── PageUnreadable             one page cannot be decoded; becomes a warning, the others come back
├── ModelError
│   ├── ModelMissing           a weight file is not there
│   └── ModelDamaged           a weight file does not match its hash
├── WorkerError                the process that did the work was lost; a retry may help
│   ├── WorkerDied             it crashed or was killed from outside
│   ├── TimedOut               it took longer than allowed and was killed
│   └── Cancelled              the caller no longer wants the result
└── OutputError                a result cannot be written where it was asked to go

`code` is stable and appears in JSON, exit codes and problem types. `message` is built from the
class and the arguments given here, never from a library exception's text.
"""

from __future__ import annotations

from typing import ClassVar


class GeziError(Exception):
    """Base of all. `code` is stable; `retryable` says whether the same call may succeed later."""

    code: ClassVar[str] = "internal"
    exit_code: ClassVar[int] = 1
    retryable: ClassVar[bool] = False

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InputError(GeziError):
    code = "bad_input"
    exit_code = 10


class UnsupportedMedia(InputError):
    code = "unsupported_media"
    exit_code = 11


class EmptyInput(InputError):
    code = "empty_input"
    exit_code = 12


class DamagedDocument(InputError):
    code = "damaged_document"
    exit_code = 13


class NoPages(InputError):
    code = "no_pages"
    exit_code = 14


class PageRange(InputError):
    code = "page_range"
    exit_code = 15


class TooLarge(InputError):
    code = "too_large"
    exit_code = 16


class Encrypted(InputError):
    code = "encrypted"
    exit_code = 20


class PasswordRequired(Encrypted):
    code = "password_required"
    exit_code = 21


class PasswordWrong(Encrypted):
    code = "password_wrong"
    exit_code = 22


class PageUnreadable(GeziError):
    code = "page_unreadable"
    exit_code = 30


class ModelError(GeziError):
    code = "model_error"
    exit_code = 40


class ModelMissing(ModelError):
    code = "model_missing"
    exit_code = 41


class ModelDamaged(ModelError):
    code = "model_damaged"
    exit_code = 42


class OutputError(GeziError):
    code = "output_error"
    exit_code = 50


class WorkerError(GeziError):
    code = "worker_error"
    exit_code = 60
    retryable = True


class WorkerDied(WorkerError):
    code = "worker_died"
    exit_code = 61


class TimedOut(WorkerError):
    code = "timed_out"
    exit_code = 62


class Cancelled(WorkerError):
    code = "cancelled"
    exit_code = 63
