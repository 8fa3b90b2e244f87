"""Makes a built page call the API at the origin in the address bar, with its port and scheme.

Reflex builds the API's address into the page. In the browser it replaces the host by the page's, but keeps the port
that it was built for, or drops it behind HTTPS.
"""

import re
from pathlib import Path
from typing import Unpack

import reflex as rx
from reflex_base.plugins.base import PostBuildContext

# In the part of the page that is made from .web/env.json.
_BUILT_IN = re.compile(r"""(["'`])(http|ws)://localhost:\d+(/[^"'`]*)\1""")
# In the part made from Reflex's state.js: the hosts for which it rewrites the address.
_REWRITTEN_HOSTS = re.compile(r"""\[(["'`])localhost\1,\1[^\]]*\]""")


class OwnAddress(rx.plugins.Plugin):
    """Changes pages that were built without ``REFLEX_API_URL``, an address of the API's own.

    Read in Reflex 0.10.1: ``.templates/web/utils/state.js``, ``getBackendURL``.
    """

    def post_build(self, **context: Unpack[PostBuildContext]) -> None:
        """Replace the addresses in the built page.

        Raises:
            RuntimeError: They aren't where this Reflex is known to put them.
        """
        scripts = {path: path.read_text("utf-8") for path in Path(context["static_dir"]).rglob("*.js")}
        addresses = {path: text for path, text in scripts.items() if _BUILT_IN.search(text)}
        if not addresses:
            return
        hosts = {path: text for path, text in scripts.items() if _REWRITTEN_HOSTS.search(text)}
        if len(hosts) != 1:
            raise RuntimeError("this version of Reflex computes the API's address elsewhere: see own_address.py")
        for path in addresses.keys() | hosts.keys():
            text = _BUILT_IN.sub(r'(location.origin.replace(/^http/,"\2")+"\3")', scripts[path])
            path.write_text(_REWRITTEN_HOSTS.sub("[]", text), "utf-8")
