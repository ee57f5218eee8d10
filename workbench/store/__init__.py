"""The project's database: records go in, records come out. The only importer of SQLAlchemy."""
