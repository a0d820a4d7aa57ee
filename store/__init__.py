"""Tables, migrations, tickets, jobs, raw messages and blobs; SQLite and PostgreSQL."""
