"""One model of a rendered tree, for the rules, the plan and the drawing: who is there, and who refers to whom."""

from generator.system.images import Build, Component, ImageName, image_name
from generator.system.kubernetes import Container, Object
from generator.system.model import Memory, ShellFile, System
from generator.system.workflows import Job, Step, Workflow

__all__ = [
    "Build",
    "Component",
    "Container",
    "ImageName",
    "Job",
    "Memory",
    "Object",
    "ShellFile",
    "Step",
    "System",
    "Workflow",
    "image_name",
]
