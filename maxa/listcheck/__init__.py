"""A whole list of an insurer or a vendor held against an edition, both ways. Files of unknown origin are read in a child
process with limits (``__main__``); ``running`` starts it, and is all that the pages know of it."""
