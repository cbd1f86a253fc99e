"""A page's story, from pixels to cells. Start reading at `extractor.pipeline`."""
