"""One function per intention of a person. Only here transactions open, and none is held while talking to the
world: load, decide in the core, save, write the log, put what must happen later into the queue.
"""
