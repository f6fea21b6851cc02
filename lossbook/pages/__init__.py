"""What a notebook calls and a page shows: claims, exercises, quizzes, cards of losses, printed source, PyTorch."""
