"""Selection: which items a story makes of an output, and what that changes there. Pure.

It is written by :mod:`aggregator.store.outputs.log`, in the transaction in which the story settles.
"""
