"""Access control: allowed hosts and origins, API keys, tickets, trusted proxies, the visitor cookie."""
