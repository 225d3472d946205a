"""The columns of the sheet 校验, and the marks its hidden ones hold: shared by writer and reader."""

NUMBER, SEVERITY, WHERE, WHAT, LEFT, RIGHT, DIFFERENCE, STATUS, LINK, REASON = range(10)
RULE, ANSWERED, FIGURES, ORDER, PRESENT, GIVEN = range(10, 16)
"""Those from RULE on are hidden: the line's code, the figures answered for, their fingerprint, the answer's order, the
figures that stand now, and the reason as it came in: a reason written anew answers for the figures that stand now."""

TYPED = "typed"
"""Marks the line of a sum whose total was typed as published, not computed."""
GONE = "changed"
"""Stands for the figures answered for where an answer had already expired when it came in."""
