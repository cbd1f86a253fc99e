"""Which blob store the settings name."""

from __future__ import annotations

from workers.blobs import BlobStore, FolderStore
from workers.settings import Settings


def open_store(settings: Settings) -> BlobStore:
    """A folder, or a bucket where GEZI_BLOBS begins with s3://. Raises SettingsWrong."""
    if settings.blobs.startswith("s3://"):
        from workers.s3 import S3Store

        return S3Store(settings.blobs, settings.data_dir / "cache")
    return FolderStore(settings.blobs_dir)
