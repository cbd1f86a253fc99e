"""Ruling lines, what looks like one and is none, the evidence for every edge, and cells that tile."""
