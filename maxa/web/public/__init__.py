"""The browser for everyone: no sign-in, no database, the same at the centre and on a mirror."""
