"""What the admin wrote, read and swapped as one: rules, directory, templates, greetings, what the desk writes with."""
