"""Kustomizations, evaluated as `kubectl kustomize` does, from the files in memory alone."""

from generator.system.kustomize.build import Build, Files, build, used_files, uses

__all__ = ["Build", "Files", "build", "used_files", "uses"]
