alias(
    name = "{name}",
    actual = select(
        {images},
        no_match_error = "@{name}: no image for the target platform; oci.pull lists {platforms}",
    ),
    visibility = ["//visibility:public"],
)
