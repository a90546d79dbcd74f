"""What a run leaves behind: summary, history, fields, and the folder that holds them."""
