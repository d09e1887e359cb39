"""Prints as JSON what pyodata finds in the `$metadata` document of a file."""
import json
import sys

from pyodata.v2.model import Config, MetadataBuilder, ParserError, PolicyIgnore


def main() -> None:
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    # EDM 3 lets an enumeration leave its underlying type out; this parser does not.
    config = Config(custom_error_policies={ParserError.ENUM_TYPE: PolicyIgnore()})
    schema = MetadataBuilder(data, config).build()
    print(json.dumps({
        "types": {entity.name: entity_type(entity) for entity in schema.entity_types},
        "complex": {one.name: sorted(column.name for column in one.proprties()) for one in schema.complex_types},
        "sets": sorted(entity_set.name for entity_set in schema.entity_sets),
        "associations": len(list(schema.associations)),
    }))


def entity_type(entity) -> dict:
    return {
        "key": sorted(part.name for part in entity.key_proprties),
        "properties": sorted(one.name for one in entity.proprties()),
        "references": sorted(one.name for one in entity.nav_proprties),
    }


main()
