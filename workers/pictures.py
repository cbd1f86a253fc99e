"""The pages of a document as pictures: blobs by content, so that blank pages and repeated uploads share them."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from workers.blobs import Staged
from workers.ownership import own
from workers.tables import blobs, page_pictures


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A sealed PNG that is not in place yet."""

    staged: Staged

    def key(self, tenant: str) -> str:
        return f"pages/{tenant}/{self.staged.sha256[:2]}/{self.staged.sha256}.png"


async def keep_picture(
    connection: AsyncConnection, tenant: str, document_id: str, number: int, picture: PagePicture
) -> None:
    """Put a page's picture in place, unless the document has it from an earlier version of its result."""
    this = (page_pictures.c.document_id == document_id, page_pictures.c.number == number)
    if await connection.scalar(sa.select(page_pictures.c.key).where(*this)) is not None:
        return
    key = picture.key(tenant)
    row = {"document_id": document_id, "number": number, "key": key}
    await connection.execute(sa.insert(page_pictures).values(row))
    await own(connection, key)
    # Inside the transaction: whoever deletes the last other owner of these bytes waits for its end.
    await picture.staged.place(key)


async def share_pictures(connection: AsyncConnection, source_id: str, document_id: str) -> None:
    """Make a document own the pictures of another with the same bytes."""
    columns = ("document_id", "number", "key")
    those = sa.select(sa.literal(document_id), page_pictures.c.number, page_pictures.c.key).where(
        page_pictures.c.document_id == source_id
    )
    await connection.execute(sa.insert(page_pictures).from_select(columns, those))
    mine = sa.select(page_pictures.c.key).where(page_pictures.c.document_id == document_id)
    times = (
        sa.select(sa.func.count())
        .where(page_pictures.c.document_id == document_id, page_pictures.c.key == blobs.c.key)
        .correlate(blobs)
        .scalar_subquery()
    )
    await connection.execute(sa.update(blobs).where(blobs.c.key.in_(mine)).values(owners=blobs.c.owners + times))


async def picture_keys(connection: AsyncConnection, document_id: str) -> list[str]:
    """One for each page that has a picture."""
    query = sa.select(page_pictures.c.key).where(page_pictures.c.document_id == document_id)
    return list(await connection.scalars(query))
