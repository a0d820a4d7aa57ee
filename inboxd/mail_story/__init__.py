"""A mail on its way from the intake to its ticket."""
