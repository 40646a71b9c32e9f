"""What is asked about scans."""
