"""What is deployed, asked over HTTP; and pytest, which runs scenarios in processes of its own."""
