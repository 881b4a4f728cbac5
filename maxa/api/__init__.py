"""/api/v1: what the sealed files hold, for new clients, as plain JSON with an OpenAPI document (CONTRACT.md §6)."""
