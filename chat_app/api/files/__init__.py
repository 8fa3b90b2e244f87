"""``/files``: uploads, downloads and thumbnails."""
