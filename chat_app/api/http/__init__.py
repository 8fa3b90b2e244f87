"""HTTP parts shared by all interfaces: route classes, request bodies, error responses."""
