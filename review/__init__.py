"""What a person sees: report, overlay, calibration pictures."""
