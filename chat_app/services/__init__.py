"""What the product does, over ports for everything outside. A folder is a use: answering, asking, conversations,
transfer.
"""
