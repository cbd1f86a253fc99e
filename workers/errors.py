"""The service's own errors, beside those of `extractor.errors`.

GeziError
└── ServiceError
    ├── SettingsWrong        the service cannot start with these settings
    ├── BadRequest           an option, header or body that makes no sense
    ├── KeyNeeded            the request has no API key
    ├── KeyWrong             its key is unknown or revoked
    ├── NotFound             no such document for this tenant
    │   └── NoPicture        no picture of such a page
    ├── NotReady             the work has not ended yet
    ├── NoResult             the work ended without a result
    ├── UploadTooLarge       more bytes than the service takes
    ├── CallbackRefused      callbacks do not go to such an address
    ├── IdempotencyMismatch  an Idempotency-Key used again for something else
    └── Unavailable          not now; a retry helps
        ├── RateLimited      a key makes more requests a minute than it may
        ├── QuotaExceeded    a key has as many documents or pages as it may
        ├── QueueFull        as many documents wait as the service keeps
        ├── StorageFull      the disk is full
        ├── StorageFailed    a blob cannot be read or written
        └── DatabaseFailed   the database cannot be asked now

Messages never carry a path, a key or text of a document.
"""

from __future__ import annotations

from extractor.errors import GeziError


class ServiceError(GeziError):
    code = "service_error"
    exit_code = 70


class SettingsWrong(ServiceError):
    """A GEZI_* setting is unknown or has a value that makes no sense; the service does not start."""

    code = "settings_wrong"


class BadRequest(ServiceError):
    code = "bad_request"


class KeyNeeded(ServiceError):
    code = "key_needed"


class KeyWrong(ServiceError):
    code = "key_wrong"


class NotFound(ServiceError):
    code = "not_found"


class NoPicture(NotFound):
    code = "no_picture"


class NotReady(ServiceError):
    code = "not_ready"
    retryable = True


class NoResult(ServiceError):
    code = "no_result"


class UploadTooLarge(ServiceError):
    code = "upload_too_large"


class CallbackRefused(ServiceError):
    code = "callback_refused"


class IdempotencyMismatch(ServiceError):
    code = "idempotency_mismatch"


class Unavailable(ServiceError):
    """The service cannot take this now; the same request will do later."""

    code = "unavailable"
    retryable = True
    retry_after: int = 5  # seconds

    def __init__(self, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        if retry_after is not None:
            self.retry_after = retry_after


class RateLimited(Unavailable):
    code = "rate_limited"


class QuotaExceeded(Unavailable):
    code = "quota_exceeded"


class QueueFull(Unavailable):
    code = "queue_full"
    retry_after = 60


class StorageFull(Unavailable):
    code = "storage_full"
    retry_after = 60


class StorageFailed(Unavailable):
    code = "storage_failed"


class DatabaseFailed(Unavailable):
    code = "database_failed"
