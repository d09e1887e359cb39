//! `$metadata`: the schema table as an EDMX document of OData v3.

use crate::onec::schema::{Configuration, EntitySet, Kind, Property};

use super::xml::push_text;

/// The EDMX document of the sets that the interface shows.
pub(crate) fn metadata(configuration: &Configuration, sets: &[&EntitySet]) -> Vec<u8> {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <edmx:Edmx Version=\"1.0\" xmlns:edmx=\"http://schemas.microsoft.com/ado/2007/06/edmx\">\
         <edmx:DataServices m:DataServiceVersion=\"3.0\" m:MaxDataServiceVersion=\"3.0\" \
         xmlns:m=\"http://schemas.microsoft.com/ado/2007/08/dataservices/metadata\">\
         <Schema Namespace=\"StandardODATA\" xmlns=\"http://schemas.microsoft.com/ado/2009/11/edm\">",
    );
    for set in sets {
        entity_types(&mut out, set, sets);
    }
    for set in sets {
        row_types(&mut out, set);
        associations(&mut out, set, sets);
    }
    out.push_str(
        "<ComplexType Name=\"TypeDescription\">\
         <Property Name=\"Types\" Type=\"Collection(Edm.String)\" Nullable=\"true\"/></ComplexType>",
    );
    for enumeration in &configuration.enumerations {
        tag(&mut out, "EnumType", &[("Name", enumeration.name)], false);
        for value in &enumeration.values {
            tag(&mut out, "Member", &[("Name", value)], true);
        }
        out.push_str("</EnumType>");
    }
    container(&mut out, sets);
    out.push_str("</Schema></edmx:DataServices></edmx:Edmx>");
    out.into_bytes()
}

/// The type of a property as the interface names it.
pub(super) fn edm_type(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text(_) | Kind::Enumeration(_) | Kind::Composite { .. } | Kind::TypeName | Kind::Version => {
            "Edm.String"
        }
        Kind::Boolean => "Edm.Boolean",
        Kind::Long => "Edm.Int64",
        Kind::Short => "Edm.Int16",
        Kind::Double => "Edm.Double",
        Kind::Date => "Edm.DateTime",
        Kind::Guid | Kind::Reference(_) => "Edm.Guid",
        Kind::Storage => "Edm.Binary",
        Kind::TypeDescription => "StandardODATA.TypeDescription",
    }
}

fn entity_types(out: &mut String, set: &EntitySet, sets: &[&EntitySet]) {
    tag(out, "EntityType", &[("Name", set.name)], false);
    let key = set.key();
    out.push_str("<Key>");
    for name in &key {
        tag(out, "PropertyRef", &[("Name", name)], true);
    }
    out.push_str("</Key>");
    for property in &set.properties {
        property_tag(out, property, key.contains(&property.name));
    }
    for section in &set.sections {
        let row_type = format!("Collection(StandardODATA.{}_{}_RowType)", set.name, section.name);
        tag(out, "Property", &[("Name", section.name), ("Type", &row_type), ("Nullable", "false")], true);
    }
    for (name, _) in references(&set.properties, sets) {
        let relationship = format!("StandardODATA.{}_{name}", set.name);
        let ends = [
            ("Name", name),
            ("Relationship", relationship.as_str()),
            ("FromRole", "Begin"),
            ("ToRole", "End"),
        ];
        tag(out, "NavigationProperty", &ends, true);
    }
    out.push_str("</EntityType>");
    for section in &set.sections {
        tag(out, "EntityType", &[("Name", &format!("{}_{}", set.name, section.name))], false);
        out.push_str("<Key><PropertyRef Name=\"Ref_Key\"/><PropertyRef Name=\"LineNumber\"/></Key>");
        tag(out, "Property", &[("Name", "Ref_Key"), ("Type", "Edm.Guid"), ("Nullable", "false")], true);
        for column in &section.columns {
            property_tag(out, column, column.name == "LineNumber");
        }
        out.push_str("</EntityType>");
    }
}

fn row_types(out: &mut String, set: &EntitySet) {
    for section in &set.sections {
        tag(out, "ComplexType", &[("Name", &format!("{}_{}_RowType", set.name, section.name))], false);
        for column in &section.columns {
            property_tag(out, column, false);
        }
        out.push_str("</ComplexType>");
    }
}

fn associations(out: &mut String, set: &EntitySet, sets: &[&EntitySet]) {
    for (name, target) in references(&set.properties, sets) {
        tag(out, "Association", &[("Name", &format!("{}_{name}", set.name))], false);
        for (role, end, multiplicity) in [("Begin", set.name, "*"), ("End", target, "0..1")] {
            let end = format!("StandardODATA.{end}");
            tag(out, "End", &[("Role", role), ("Type", &end), ("Multiplicity", multiplicity)], true);
        }
        out.push_str("</Association>");
    }
}

fn container(out: &mut String, sets: &[&EntitySet]) {
    tag(out, "EntityContainer", &[("Name", "EnterpriseV8"), ("m:IsDefaultEntityContainer", "true")], false);
    for set in sets {
        tag(
            out,
            "EntitySet",
            &[("Name", set.name), ("EntityType", &format!("StandardODATA.{}", set.name))],
            true,
        );
        for section in &set.sections {
            let name = format!("{}_{}", set.name, section.name);
            tag(out, "EntitySet", &[("Name", &name), ("EntityType", &format!("StandardODATA.{name}"))], true);
        }
    }
    for set in sets {
        for (name, target) in references(&set.properties, sets) {
            let association = format!("{}_{name}", set.name);
            let qualified = format!("StandardODATA.{association}");
            tag(out, "AssociationSet", &[("Name", &association), ("Association", &qualified)], false);
            tag(out, "End", &[("Role", "Begin"), ("EntitySet", set.name)], true);
            tag(out, "End", &[("Role", "End"), ("EntitySet", target)], true);
            out.push_str("</AssociationSet>");
        }
    }
    out.push_str("</EntityContainer>");
}

/// Single-type references whose target is shown too.
fn references<'a>(
    properties: &'a [Property],
    sets: &'a [&EntitySet],
) -> impl Iterator<Item = (&'static str, &'static str)> + 'a {
    properties.iter().filter_map(|property| match property.kind {
        Kind::Reference(target) if sets.iter().any(|set| set.name == target) => {
            Some((property.navigation()?, target))
        }
        _ => None,
    })
}

fn property_tag(out: &mut String, property: &Property, is_key: bool) {
    let nullable = if is_key { "false" } else { "true" };
    let attributes = [("Name", property.name), ("Type", edm_type(&property.kind)), ("Nullable", nullable)];
    tag(out, "Property", &attributes, true);
}

fn tag(out: &mut String, name: &str, attributes: &[(&str, &str)], is_empty: bool) {
    out.push('<');
    out.push_str(name);
    for (attribute, value) in attributes {
        out.push(' ');
        out.push_str(attribute);
        out.push_str("=\"");
        push_text(out, value);
        out.push('"');
    }
    out.push_str(if is_empty { "/>" } else { ">" });
}
