"""Line changes: who is on the ice, who is at the bench, and who plays."""
