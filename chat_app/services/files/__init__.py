"""Files: upload within limits, reading for prompts, deletion.

How a kind of file is read is in ``infrastructure.files``; which files a message has, in its parts.
"""
