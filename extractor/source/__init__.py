"""What a file is by its bytes; its pages one at a time: a scan, a rendering, or text with drawn rules."""
