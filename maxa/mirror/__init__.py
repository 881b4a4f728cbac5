"""A mirror: a shelf that is filled from another, over a network or from an archive, and trusts nothing but signatures.

source.py     where from: HTTP, an archive          client.py   what is signed there, checked by tuf
download.py   files, resumed and verified           accept.py   the switch to what was verified
sync.py       the whole way, once                   patrol.py   again and again
archive.py    export and import                     prune.py, check.py, kit.py, …
"""
