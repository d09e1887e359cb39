"""Prints as JSON what pyslet finds in the `$metadata` document of a file."""
import json
import sys

import pyslet.odata2.metadata as edmx


def main() -> None:
    document = edmx.Document()
    with open(sys.argv[1], "rb") as file:
        document.read(file)
    (schema,) = document.root.DataServices.Schema
    (container,) = schema.EntityContainer
    print(json.dumps({
        "types": {entity.name: entity_type(entity) for entity in schema.EntityType},
        "complex": {one.name: sorted(column.name for column in one.Property) for one in schema.ComplexType},
        "sets": sorted(entity_set.name for entity_set in container.EntitySet),
        "associations": len(schema.Association),
    }))


def entity_type(entity) -> dict:
    return {
        "key": sorted(part.name for part in entity.Key.PropertyRef),
        "properties": sorted(one.name for one in entity.Property),
        "references": sorted(one.name for one in entity.NavigationProperty),
    }


main()
