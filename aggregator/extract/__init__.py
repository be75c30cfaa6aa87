"""What is the article? A page in, its full text out; pure, run in a worker process."""
