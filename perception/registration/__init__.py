"""Field registration: a camera per frame, with its uncertainty."""
