"""The action that lays out a chart's directory from files that stand anywhere."""

visibility(["//bazel/private/helm"])

LAYING_OUT_ATTRS = {
    "_release_kit": attr.label(cfg = "exec", default = Label("//tools:charts"), executable = True),
}

def staged(file, place, source_place = ""):
    """Returns a file or directory and its place in a chart.

    Args:
      file: File
      place: string: relative to the chart
      source_place: string: where a source file stands in its repository; empty for one that was made by the build

    Returns:
      struct: file, place, source_place
    """
    return struct(file = file, place = place, source_place = source_place)

def files_document(name, files, path):
    """Returns the document of a chart's files (docs/documents.md).

    Args:
      name: string: the chart's name
      files: list of `staged`
      path: function(File) -> string: where who reads it finds a file

    Returns:
      dict: to be written as JSON
    """
    return {
        "schema": "rules_release/chart-files/v1",
        "name": name,
        "files": [
            {"source": path(each.file), "place": each.place, "workspace_path": each.source_place}
            for each in files
        ],
    }

def lay_out(ctx, folder, name, files, images = []):
    """Declares the action.

    Args:
      ctx: of a rule with LAYING_OUT_ATTRS
      folder: File: the directory to make
      name: string: the chart's name
      files: list of `staged`
      images: list of struct: values (string), layout (as image_layout returns it): images to pin in values.yaml
    """
    document = ctx.actions.declare_file(folder.basename + ".files.json")
    content = files_document(name, files, lambda file: file.path)
    content["images"] = [_image_entry(image) for image in images]
    ctx.actions.write(document, json.encode_indent(content, indent = " ") + "\n")
    arguments = ctx.actions.args()
    arguments.add("chart").add("stage").add(document)
    arguments.add_all("--output", [folder], expand_directories = False)
    ctx.actions.run(
        executable = ctx.executable._release_kit,
        arguments = [arguments],
        inputs = depset(
            [document] + [each.file for each in files],
            transitive = [depset(_image_files(image), transitive = [image.layout.runfiles.files]) for image in images],
        ),
        outputs = [folder],
        mnemonic = "ChartFolder",
        progress_message = "Laying out chart %{label}",
    )

def _image_files(image):
    return [image.layout.folder] + ([image.layout.descriptor] if image.layout.descriptor else [])

def _image_entry(image):
    descriptor = image.layout.descriptor
    entry = {"values": image.values, "layout": image.layout.folder.path}
    return entry | ({"descriptor": descriptor.path} if descriptor else {})
