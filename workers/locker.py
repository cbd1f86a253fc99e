"""The service's own key: it locks the passwords of documents while their jobs run, and signs callbacks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from workers.errors import SettingsWrong
from workers.settings import Settings

KEY_FILE = "secret.key"
CALLBACK_PREFIX = "gezi_callback_"


class Locker:
    """Locks texts with keys derived from one secret."""

    def __init__(self, secret: str) -> None:
        self._fernet = Fernet(_derived(secret, b"passwords"))
        self.fingerprint_key = _derived(secret, b"fingerprints")
        self._callbacks_key = _derived(secret, b"callbacks")

    def callback_secret(self, tenant: str) -> str:
        """What signs a tenant's callbacks; the tenant may know it."""
        raw = hmac.new(self._callbacks_key, tenant.encode(), hashlib.sha256).digest()
        return CALLBACK_PREFIX + base64.urlsafe_b64encode(raw).decode().rstrip("=")

    def lock(self, text: str) -> bytes:
        return self._fernet.encrypt(text.encode())

    def unlock(self, locked: bytes) -> str:
        """Raises SettingsWrong where it was locked with another secret."""
        try:
            return self._fernet.decrypt(locked).decode()
        except InvalidToken:
            raise SettingsWrong("GEZI_SECRET_KEY is not the one that locked this password") from None


def _derived(secret: str, purpose: bytes) -> bytes:
    # The secret is long and random (made here, or by whoever sets GEZI_SECRET_KEY), so one keyed hash will do.
    return base64.urlsafe_b64encode(hashlib.blake2b(secret.encode(), digest_size=32, person=purpose).digest())


def open_locker(settings: Settings) -> Locker:
    """With GEZI_SECRET_KEY, else with a key made once in the data folder, readable by its owner only."""
    given = settings.secret_key.get_secret_value()
    if given:
        if len(given) < 32:
            raise SettingsWrong("GEZI_SECRET_KEY must have 32 characters or more")
        return Locker(given)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return Locker(_own_secret(settings.data_dir / KEY_FILE))


def _own_secret(path: Path) -> str:
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(Fernet.generate_key().decode())
        os.link(scratch, path)  # fails where another process was first: then its key counts
    except FileExistsError:
        pass
    finally:
        scratch.unlink(missing_ok=True)
    return path.read_text()
