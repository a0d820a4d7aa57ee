"""A call on its way from the intake to its ticket, before its words are known and after."""
