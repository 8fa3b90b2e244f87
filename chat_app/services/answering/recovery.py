"""Recovery of answers whose writer has crashed."""

from chat_app.services.ports import Leases, MessageStore


async def interrupt_abandoned(store: MessageStore, leases: Leases) -> int:
    """Interrupt stored answers that stream without a lease. Their text so far stays.

    Returns:
        Their number.

    Raises:
        StorageUnavailable: Storage can't be read or written.
    """
    streaming = await store.all_streaming()
    abandoned = set(streaming) - await leases.held(streaming)
    return await store.interrupt(abandoned) if abandoned else 0
