"""Numbers of the project that can be watched. A plug-in joins by registering a fact."""
