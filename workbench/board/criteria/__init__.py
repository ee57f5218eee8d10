"""What has to be true before a project leaves a stage. A plug-in joins by registering a criterion."""
