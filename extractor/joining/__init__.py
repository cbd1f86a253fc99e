"""Cells into a page's tables, tables over pages into whole ones."""
