"""To which trial a folder belongs, and the refusal of any other."""

import json
from pathlib import Path

from scalinglib.experiments._sweeps.difference import differences, outline
from scalinglib.experiments._sweeps.fingerprint import fingerprint_of
from scalinglib.experiments._sweeps.journal import write_whole

IDENTITY = "trial.json"
FORMAT = 1


def claim(folder, trial):
    """The folder of a trial: made, or refused if it holds another trial's results."""
    folder = Path(folder).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise ValueError(f"checkpoint must be a folder, got {folder}") from None
    identity = fingerprint_of(trial)
    found = identity_of(folder)
    if found is None:
        _identify(folder, identity, outline(trial))
    elif found["fingerprint"] != identity:
        raise ValueError(
            f"checkpoint {folder} holds results of another trial. What changed:\n"
            f"{differences(found['outline'], outline(trial))}\n"
            "Give another folder. Or, if the trial would still return what is kept "
            f"there, say so once: sweep.adopt({str(folder)!r}, trial)"
        )
    return folder, identity


def adopted(folder, trial):
    """Take a changed trial for the one whose results a folder holds."""
    found = identity_of(folder_of(folder))
    earlier = [*found.get("earlier", []), found["fingerprint"]]
    _identify(Path(folder), fingerprint_of(trial), outline(trial), earlier=earlier)


def folder_of(path):
    """A folder that holds a sweep, or a complaint."""
    folder = Path(path)
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
    if found.get("format") != FORMAT:
        raise ValueError(
            f"checkpoint holds {folder / IDENTITY}, which this version did not write: "
            "give another folder"
        )
    return found


def _identify(folder, identity, told, **more):
    """Write down whose results a folder holds."""
    content = {"format": FORMAT, "fingerprint": identity, "outline": told} | more
    write_whole(folder / IDENTITY, json.dumps(content, indent=1).encode())
