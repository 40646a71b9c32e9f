"""Other forms of a proof: the same act, said in another way. Pure; nothing is run here.

``spellings`` changes texts, ``shapes`` changes the data around them, ``forms`` puts both together in a fixed order.
"""
