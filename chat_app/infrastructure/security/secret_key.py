"""The key that signs visitors' cookies, kept in a file where none is configured."""

import os
import secrets
from pathlib import Path

from chat_app.config import ConfigError, Settings
from chat_app.infrastructure.security.private_folder import make_private

FILE = Path(".data/secret_key")


def secret_key(settings: Settings, file: Path = FILE) -> str:
    """Return the configured key, or one generated at the first start and kept in ``file``, readable for its owner only.

    Raises:
        ConfigError: The file can neither be read nor written, or other machines need the same key.
    """
    if configured := settings.secret_key.get_secret_value():
        return configured
    if settings.redis_url:
        # Not kept in Redis: visitors would lose their conversations with its data.
        raise ConfigError(
            "SECRET_KEY: it isn't set, and with REDIS_URL each machine needs the same one, to know the visitors and "
            "tickets of the others. Set it to random characters, such as the output of: openssl rand -hex 32"
        )
    try:
        return _read_or_create(file)
    except OSError as error:
        raise ConfigError(f"SECRET_KEY: it isn't set, and none can be kept in {file}: {error.strerror}") from None


def _read_or_create(file: Path) -> str:
    make_private(file.parent)
    if not file.exists():
        # Written whole under another name first: of several processes that start at once, all read the same one.
        draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as new:
            new.write(secrets.token_urlsafe(32))
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_text()
