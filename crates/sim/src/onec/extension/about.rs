//! What the extension says of itself and of the infobase: `info` and `schema`.

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use crate::onec::schema::{Kind, Property};
use crate::onec::service::wall_clock;
use crate::onec::settings::{Product, Right};

use super::sets::{InBuild, of_build};
use super::values::is_shown;
use super::{Extension, ITEMS, KEY_DAYS, METHODS, PAGE, QUESTIONS, REFERENCES, ROWS};

/// A moment as the contract writes it.
pub(super) fn utc(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

impl Extension<'_> {
    pub(super) fn info(&self) -> Json {
        let (build, name, version) = match self.settings.configuration {
            Product::Ut11 => ("ut11", "УправлениеТорговлей", "11.5.19.74"),
            Product::Bp30 => ("bp30", "БухгалтерияПредприятия", "3.0.151.27"),
            Product::Unf => ("unf", "УправлениеНебольшойФирмой", "3.0.8.73"),
        };
        let (oldest, newest) = self.base.kept.outbox.span();
        json!({
            "contract": "1.0",
            "extension": { "name": "ОбменСБитрикс24", "version": "1.0.0", "build": build },
            "configuration": { "name": name, "version": version, "platform": "8.3.27.1606" },
            "user": self.settings.user,
            "time": { "utc": utc(self.now), "local": wall_clock(self.settings, self.now) },
            "methods": METHODS.map(|(name, _)| name),
            "limits": {
                "questions": QUESTIONS, "page": PAGE, "references": REFERENCES, "items": ITEMS, "rows": ROWS,
                "key_days": KEY_DAYS,
            },
            "outbox": { "waiting": self.base.kept.outbox.len(), "oldest": oldest, "newest": newest },
            "notify": { "on": false },
            "lacks": self.lacks(),
        })
    }

    fn lacks(&self) -> Vec<Json> {
        let mut lacks =
            vec![json!({ "code": "notify-off", "words": "Оповещение не настроено или выключено." })];
        if self.settings.extension.is_some_and(|installed| installed.safe_mode) {
            lacks.push(json!({ "code": "safe-mode", "words": "Расширение подключено в безопасном режиме." }));
        }
        for InBuild { name, is_written, .. } in of_build(self.settings.configuration) {
            let lack = match self.base.configuration.set(name) {
                None => "no-set",
                Some(set) if !self.access.may(Right::Read, set) => "no-right",
                Some(set) if *is_written && !self.access.may(Right::Update, set) => "no-right",
                Some(_) => continue,
            };
            lacks.push(json!({ "code": lack, "words": format!("{name}: нет набора или права на него."), "set": name }));
        }
        lacks
    }

    pub(super) fn schema(&self) -> Json {
        let mut sets = Vec::new();
        for in_build in of_build(self.settings.configuration) {
            let Some(set) = self.base.configuration.set(in_build.name) else { continue };
            let sections = set.sections.iter().map(|section| {
                let columns = section.columns.iter().filter(|column| column.name != "LineNumber");
                json!({ "name": section.name, "fields": columns.filter(|one| is_shown(one)).map(field).collect::<Vec<_>>() })
            });
            sets.push(json!({
                "name": set.name,
                "read": self.access.may(Right::Read, set),
                "write": in_build.is_written && self.access.may(Right::Update, set),
                "links": in_build.has_id,
                "fields": set.properties.iter().filter(|one| is_shown(one)).map(field).collect::<Vec<_>>(),
                "sections": sections.collect::<Vec<_>>(),
            }));
        }
        json!({ "sets": sets })
    }
}

fn field(property: &Property) -> Json {
    let name = property.name;
    match &property.kind {
        Kind::Text(length) => json!({ "name": name, "type": "Edm.String", "length": length.unwrap_or(0) }),
        Kind::Enumeration(values) => json!({ "name": name, "type": "Edm.String", "values": values }),
        Kind::Boolean => json!({ "name": name, "type": "Edm.Boolean" }),
        Kind::Long | Kind::Short | Kind::Double => json!({ "name": name, "type": "Edm.Double" }),
        Kind::Date => json!({ "name": name, "type": "Edm.DateTime" }),
        Kind::Reference(target) => json!({ "name": name, "type": "Edm.Guid", "of": target }),
        Kind::Guid => json!({ "name": name, "type": "Edm.Guid" }),
        Kind::TypeDescription => json!({ "name": name, "type": "StandardODATA.TypeDescription" }),
        _ => json!({ "name": name, "type": "Edm.String" }),
    }
}
