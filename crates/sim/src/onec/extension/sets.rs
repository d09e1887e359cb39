//! Which sets the builds of the extension answer for: the table of the contract.

use uuid::Uuid;

use crate::onec::objects::{Object, reference};
use crate::onec::settings::Product;

/// What a build does with a set.
#[derive(Debug, Clone, Copy)]
pub(super) struct InBuild {
    pub(super) name: &'static str,
    pub(super) is_written: bool,
    /// Whether its objects take an id of the portal.
    pub(super) has_id: bool,
    /// Whether a write of it goes into the outbox.
    pub(super) is_watched: bool,
}

const LINKS: &str = "InformationRegister_СвязиКонтрагентКонтакт";

const fn party(name: &'static str) -> InBuild {
    InBuild { name, is_written: true, has_id: true, is_watched: true }
}

const fn part(name: &'static str) -> InBuild {
    InBuild { name, is_written: true, has_id: false, is_watched: true }
}

const fn read(name: &'static str) -> InBuild {
    InBuild { name, is_written: false, has_id: false, is_watched: false }
}

const UT11: &[InBuild] = &[
    party("Catalog_Контрагенты"),
    part("Catalog_Партнеры"),
    party("Catalog_КонтактныеЛицаПартнеров"),
    party("Catalog_ФизическиеЛица"),
    read("Catalog_ВидыКонтактнойИнформации"),
    read("ChartOfCharacteristicTypes_ДополнительныеРеквизитыИСведения"),
    read("Catalog_НаборыДополнительныхРеквизитовИСведений"),
    read("Catalog_ЗначенияСвойствОбъектов"),
    read("Catalog_ЗначенияСвойствОбъектовИерархия"),
    read("Catalog_Пользователи"),
    read("Catalog_СтраныМира"),
    read("Catalog_ДоговорыКонтрагентов"),
    read("Catalog_ГруппыДоступаПартнеров"),
    read("Constant_ОграничиватьДоступНаУровнеЗаписей"),
    read("Document_ЗаказКлиента"),
    read("Document_РеализацияТоваровУслуг"),
    read("Document_ПриобретениеТоваровУслуг"),
];

const BP30: &[InBuild] = &[
    party("Catalog_Контрагенты"),
    party("Catalog_КонтактныеЛица"),
    party("Catalog_ФизическиеЛица"),
    read("Catalog_ВидыКонтактнойИнформации"),
    read("ChartOfCharacteristicTypes_ДополнительныеРеквизитыИСведения"),
    read("Catalog_НаборыДополнительныхРеквизитовИСведений"),
    read("Catalog_ЗначенияСвойствОбъектов"),
    read("Catalog_ЗначенияСвойствОбъектовИерархия"),
    read("Catalog_Пользователи"),
    read("Catalog_СтраныМира"),
    read("Catalog_ДоговорыКонтрагентов"),
    read("Catalog_Сотрудники"),
    read("Document_СчетНаОплатуПокупателю"),
    read("Document_РеализацияТоваровУслуг"),
    read("Document_ПоступлениеТоваровУслуг"),
];

const UNF: &[InBuild] = &[
    party("Catalog_Контрагенты"),
    party("Catalog_КонтактныеЛица"),
    party("Catalog_ФизическиеЛица"),
    part(LINKS),
    read("Catalog_ВидыКонтактнойИнформации"),
    read("ChartOfCharacteristicTypes_ДополнительныеРеквизитыИСведения"),
    read("Catalog_НаборыДополнительныхРеквизитовИСведений"),
    read("Catalog_ЗначенияСвойствОбъектов"),
    read("Catalog_ЗначенияСвойствОбъектовИерархия"),
    read("Catalog_Пользователи"),
    read("Catalog_СтраныМира"),
    read("Catalog_ДоговорыКонтрагентов"),
    read("Catalog_Сотрудники"),
    read("InformationRegister_СотрудникиПользователя"),
    read("Catalog_ГруппыДоступаКонтрагентов"),
    read("Constant_ОграничиватьДоступНаУровнеЗаписей"),
    read("Document_ЗаказПокупателя"),
    read("Document_СчетНаОплату"),
    read("Document_РасходнаяНакладная"),
    read("Document_ПриходнаяНакладная"),
];

/// The sets of the build for a configuration.
pub(super) fn of_build(product: Product) -> &'static [InBuild] {
    match product {
        Product::Ut11 => UT11,
        Product::Bp30 => BP30,
        Product::Unf => UNF,
    }
}

/// The name of a set, where any build has it.
pub(super) fn name_of(set: &str) -> Option<&'static str> {
    [UT11, BP30, UNF].into_iter().flatten().map(|one| one.name).find(|name| *name == set)
}

/// The object that a write is a row of the outbox for: the record of a link stands for its contact person.
pub(crate) fn noted(product: Product, set: &str, key: Uuid, object: &Object) -> Option<(&'static str, Uuid)> {
    let of_set = of_build(product).iter().find(|one| one.name == set && one.is_watched)?;
    match of_set.name {
        LINKS => Some(("Catalog_КонтактныеЛица", reference(object, "Контакт_Key"))),
        name => Some((name, key)),
    }
}
