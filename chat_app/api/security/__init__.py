"""Who may call: hosts, origins, keys, tickets, proxies, the visitor's cookie."""
