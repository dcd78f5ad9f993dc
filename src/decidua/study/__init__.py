"""From a frozen question to a result: validation against tables and real histories, and the story."""
