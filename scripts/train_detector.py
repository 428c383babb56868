"""Train the shipped detector on rendered pictures: scripts/train_detector.py [key=value ...] (configs/train.yaml).

The same as `rulesight train`.
"""

from rulesight.cli import run

if __name__ == "__main__":
    run("train")
