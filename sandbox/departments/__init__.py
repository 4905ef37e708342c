"""One module a department: what happens there, and how its system writes it down."""
