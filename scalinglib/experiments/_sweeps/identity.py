"""To which trial a folder belongs, and the refusal of any other."""

import json
from pathlib import Path

from scalinglib._input import function, named_path
from scalinglib.experiments._sweeps.difference import differences, outline
from scalinglib.experiments._sweeps.fingerprint import fingerprint_of
from scalinglib.experiments._sweeps.journal import write_whole

IDENTITY = "trial.json"
FORMAT = 1
KNOWN = {"format", "fingerprint", "outline"}


def claim(folder, trial):
    """The folder of a trial: made, or refused if it holds another trial's results."""
    folder = named_path("checkpoint", folder or None).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise ValueError(f"checkpoint must be a folder, got {folder}") from None
    identity = fingerprint_of(trial)
    found = identity_of(folder)
    if found is None:
        _identify(folder, identity, outline(trial), first=True)
        found = identity_of(folder)  # another trial may have been quicker
    if found["fingerprint"] != identity:
        raise ValueError(
            f"checkpoint {folder} holds results of another trial. What changed:\n"
            f"{differences(found['outline'], outline(trial))}\n"
            "Give another folder. Or, if the trial would still return what is kept "
            f"there, say so once: sweep.adopt({str(folder)!r}, trial)"
        )
    return folder, identity


def adopted(folder, trial):
    """Take a changed trial for the one whose results a folder holds."""
    function("trial", trial, of="(rng, **setting)")
    found = identity_of(folder_of(folder))
    earlier = [*found.get("earlier", []), found["fingerprint"]]
    _identify(Path(folder), fingerprint_of(trial), outline(trial), earlier=earlier)


def folder_of(path):
    """A folder that holds a sweep, or a complaint."""
    folder = named_path("path", path).absolute()
    if identity_of(folder) is None:
        raise ValueError(
            f"path must be a folder that sweep.run(…, checkpoint=path) has made, got "
            f"{path!r}"
        )
    return folder


def identity_of(folder):
    """What a folder says of its trial; None if it says nothing."""
    try:
        found = json.loads((folder / IDENTITY).read_text())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except ValueError:
        found = {}
    if (
        not isinstance(found, dict)
        or not {*found} >= KNOWN
        or found["format"] != FORMAT
    ):
        raise ValueError(
            f"checkpoint holds {folder / IDENTITY}, which this version did not write: "
            "give another folder"
        )
    return found


def _identify(folder, identity, told, *, first=False, **more):
    """Write down whose results a folder holds; if it is the first, unless one is."""
    content = {"format": FORMAT, "fingerprint": identity, "outline": told} | more
    text = json.dumps(content, indent=1).encode()
    write_whole(folder / IDENTITY, text, first=first)
