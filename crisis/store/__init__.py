"""The only place with SQL: tables, the one mapper, questions to the database, migrations."""
