"""What people think of an answer."""

from chat_app.models.errors import InvalidRequest, NotFound
from chat_app.models.message import Rating
from chat_app.models.principal import Principal
from chat_app.services.ports import MessageStore

MAX_COMMENT_CHARS = 2000


class Feedback:
    """Ratings and comments, kept with the answers."""

    def __init__(self, store: MessageStore) -> None:
        self._store = store

    async def rate(self, owner: Principal, answer_id: str, rating: int, comment: str = "") -> None:
        """Keep it, in place of what there was.

        Args:
            rating: A ``Rating`` or its value.
            comment: At most ``MAX_COMMENT_CHARS``.

        Raises:
            InvalidRequest: There is no such rating, or the comment is too long.
            NotFound: There is no such answer, or it is someone else's.
        """
        if rating not in list(Rating) or len(comment) > MAX_COMMENT_CHARS:
            raise InvalidRequest(f"rating {rating}, a comment of {len(comment)} characters")
        if not await self._store.rate(owner, answer_id, Rating(rating), comment):
            raise NotFound(f"answer {answer_id}")
