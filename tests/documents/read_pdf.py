"""What a PDF file is, read by pypdf, which shares nothing with what wrote it.

Prints one JSON object: pages with their text, fonts, output intents, metadata, attachments, tags.
A file with fonts that are not embedded, or a broken table of objects, is told as it is found.
"""

import json
import sys
import xml.etree.ElementTree as ElementTree

from pypdf import PdfReader

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"


def fonts(reader):
    found = {}
    for page in reader.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            font = font.get_object()
            below = [it.get_object() for it in font.get("/DescendantFonts", [])] or [font]
            for part in below:
                descriptor = part["/FontDescriptor"].get_object()
                files = {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor)
                found[font["/BaseFont"]] = {
                    "embedded": bool(files),
                    "to_unicode": "/ToUnicode" in font,
                }
    return found


def pictures(reader):
    sizes = []
    for page in reader.pages:
        for picture in page["/Resources"].get("/XObject", {}).values():
            picture = picture.get_object()
            if picture.get("/Subtype") == "/Image":
                sizes.append([picture["/Width"], picture["/Height"]])
    return sizes


def links(reader):
    """Where pages lead: every one must be printed as well, and be part of what is read out."""
    found = []
    for page in reader.pages:
        for annotation in page.get("/Annots", []):
            annotation = annotation.get_object()
            assert annotation["/Subtype"] == "/Link", annotation
            assert annotation["/F"] & 4, "a link that is not printed"
            assert "/StructParent" in annotation, "a link that is not read out"
            found.append(annotation["/A"]["/URI"])
    return found


def metadata(root):
    """Every property by its qualified name, and the namespaces whose schemas are described."""
    stream = root["/Metadata"].get_object()
    assert "/Filter" not in stream, "metadata that a program without PDF cannot find"
    tree = ElementTree.fromstring(stream.get_data())
    properties, described = {}, []
    for description in tree.iter(f"{RDF}Description"):
        for child in description:
            texts = [text.strip() for text in child.itertext() if text.strip()]
            properties[child.tag] = " ".join(texts)
    for uri in tree.iter("{http://www.aiim.org/pdfa/ns/schema#}namespaceURI"):
        described.append(uri.text)
    return {"properties": properties, "described": described}


def attachments(root):
    found = []
    for reference in root.get("/AF", []):
        spec = reference.get_object()
        stream = spec["/EF"]["/F"].get_object()
        data = stream.get_data()
        found.append({
            "name": spec["/UF"],
            "relationship": spec["/AFRelationship"],
            "type": stream["/Subtype"],
            "text": data.decode(),
        })
    return found


def roles(node, found):
    node = node.get_object()
    if isinstance(node, list):
        for child in node:
            roles(child, found)
    elif hasattr(node, "get"):
        if "/S" in node:
            found.append(node["/S"])
        if "/K" in node:
            roles(node["/K"], found)
    return found


def main(path):
    reader = PdfReader(path, strict=True)
    root = reader.trailer["/Root"].get_object()
    intents = [intent.get_object() for intent in root.get("/OutputIntents", [])]
    print(json.dumps({
        "version": reader.pdf_header,
        "texts": [page.extract_text() for page in reader.pages],
        "sizes": [[float(side) for side in page.mediabox] for page in reader.pages],
        "fonts": fonts(reader),
        "pictures": pictures(reader),
        "links": links(reader),
        "intents": [
            {"kind": intent["/S"], "profile": len(intent["/DestOutputProfile"].get_data())}
            for intent in intents
        ],
        "metadata": metadata(root),
        "attachments": attachments(root),
        "marked": bool(root["/MarkInfo"]["/Marked"]),
        "language": root["/Lang"],
        "roles": sorted(set(roles(root["/StructTreeRoot"]["/K"], []))),
    }))


if __name__ == "__main__":
    main(sys.argv[1])
