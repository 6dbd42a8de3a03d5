"""What ties the parts together: command line, bootstrap, scheduler, pipeline, supervision."""
