"""A printed PDF, finished: what it is, whose, under which licence; half the size."""

import pikepdf

LICENCE = "https://creativecommons.org/licenses/by/4.0/"


def finish(path, to, about):
    """Write metadata into a PDF, open it with its bookmarks, pack its many tags."""
    with pikepdf.open(path) as pdf:
        with pdf.open_metadata(set_pikepdf_as_editor=False) as data:
            data["dc:title"] = about["title"]
            data["dc:creator"] = [about["author"]]
            data["dc:description"] = about["subtitle"]
            data["dc:language"] = {"en"}
            data["dc:rights"] = about["rights"]
            data["xmpRights:WebStatement"] = LICENCE
        pdf.docinfo["/Title"] = about["title"]
        pdf.docinfo["/Author"] = about["author"]
        pdf.docinfo["/Subject"] = about["rights"]
        pdf.Root.Lang = pikepdf.String("en")
        pdf.Root.PageMode = pikepdf.Name.UseOutlines
        preferences = pdf.Root.get("/ViewerPreferences", pikepdf.Dictionary())
        preferences.DisplayDocTitle = True
        pdf.Root.ViewerPreferences = preferences
        packed = pikepdf.ObjectStreamMode.generate
        pdf.save(to, object_stream_mode=packed, compress_streams=True)


def places(path):
    """Return the number of the page, from 1, of each place that a link leads to."""
    with pikepdf.open(path) as pdf:
        numbers = {page.objgen: n for n, page in enumerate(pdf.pages, 1)}
        return {
            str(name).removeprefix("/"): numbers[_place(place)[0].objgen]
            for name, place in pdf.Root.get("/Dests", {}).items()
        }


def _place(place):
    return place.D if isinstance(place, pikepdf.Dictionary) else place
