"""What people open: each page is a picture of `report.json` in one language, and asks nothing else."""
