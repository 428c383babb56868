"""Train the shipped detector on rendered pictures: scripts/train_detector.py [key=value ...] (configs/train.yaml)."""

from pathlib import Path

import hydra
from omegaconf import DictConfig, OmegaConf

from simulation.training.ship import ship
from simulation.training.train import Recipe


@hydra.main(version_base="1.3", config_path="pkg://configs", config_name="train")
def main(config: DictConfig) -> None:
    """Train, export, measure and print the figures."""
    given = OmegaConf.to_container(config.recipe, resolve=True)
    folder = Path(config.folder)
    out = Path(config.out or folder / "hockey-detector.onnx")
    figures = ship(Recipe(**given), folder, out, config.test_arenas, config.threads)
    for name, value in figures.items():
        print(f"{name:22} {value:.4g}")


if __name__ == "__main__":
    main()
