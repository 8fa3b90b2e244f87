"""Feedback on answers: ratings and comments."""

from chat_app.models.errors import InvalidRequest, NotFound
from chat_app.models.message import Rating
from chat_app.models.principal import Principal
from chat_app.services.ports import MessageStore

MAX_COMMENT_CHARS = 2000


class Feedback:
    """Stores ratings and comments with the answers."""

    def __init__(self, store: MessageStore) -> None:
        self._store = store

    async def rate(self, owner: Principal, answer_id: str, rating: int, comment: str = "") -> None:
        """Set the rating and comment of an answer, replacing earlier ones.

        Args:
            rating: A value of ``Rating``.
            comment: At most ``MAX_COMMENT_CHARS`` characters.

        Raises:
            InvalidRequest: No such rating, or the comment is too long.
            NotFound: No such answer, or another owner's.
        """
        if rating not in list(Rating) or len(comment) > MAX_COMMENT_CHARS:
            raise InvalidRequest(f"rating {rating}, a comment of {len(comment)} characters")
        if not await self._store.rate(owner, answer_id, Rating(rating), comment):
            raise NotFound(f"answer {answer_id}")
