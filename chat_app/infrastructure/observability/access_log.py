"""The HTTP server's log of requests, without what people ask: the question to a GET is in its address."""

import logging


class _WithoutQuery(logging.Filter):
    """Takes the query out of uvicorn's records: client address, method, path with query, HTTP version, status."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(arg.partition("?")[0] if isinstance(arg, str) else arg for arg in record.args)
        return True


_WITHOUT_QUERY = _WithoutQuery()


def hide_queries() -> None:
    """Leave queries out of the log from now on."""
    logging.getLogger("uvicorn.access").addFilter(_WITHOUT_QUERY)
