"""Business logic, over ports for everything outside. A folder is a use case: answering, asking, conversations,
transfer.
"""
