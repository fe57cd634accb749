"""Images and pods without Docker: the Dockerfiles are built in a scratch folder, and the pods run in bubblewrap."""
