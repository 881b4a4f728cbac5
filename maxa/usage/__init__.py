"""What is asked of the readers, counted by the day: requests by service and client, validation failures, words that found
nothing, and the serials that mirrors tell. Readers know no registry, so each process appends its counts to files of its
own below ``MAXA_HOME/usage``, and the worker carries them over (docs/adr/0031-usage.md)."""
