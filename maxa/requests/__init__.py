"""What vendors and insurers report: a code that is missing, a difference between lists (circular 110/356).

Readers take a request as a file (:mod:`.spool`), so that it is kept, and has its tracking number, with PostgreSQL down;
the worker collects it into the registry, where the committee answers it, and writes back what the requester may follow
(docs/adr/0030).
"""
