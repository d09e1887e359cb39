//! Names of firms: a word, sometimes with a trade, in a legal form, and the ways people write it.
//!
//! Entrepreneurs are not here: their firm's name is the person's name.

use super::draw::Draw;

/// Legal form of an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) short: &'static str,
    pub(super) full: &'static str,
}

/// How a firm's name is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `ООО "Кедр"`
    Quoted,
    /// `ООО «Кедр»`
    Guillemets,
    /// `Кедр ООО`
    FormLast,
    /// `Кедр`
    Bare,
}

const FORMS: [Form; 4] = [
    Form {
        short: "ООО", full: "Общество с ограниченной ответственностью"
    },
    Form { short: "АО", full: "Акционерное общество" },
    Form { short: "ПАО", full: "Публичное акционерное общество" },
    Form {
        short: "АНО", full: "Автономная некоммерческая организация"
    },
];

pub(super) fn draw_form(draw: &mut Draw) -> Form {
    match draw.below(100) {
        0..82 => FORMS[0],
        82..93 => FORMS[1],
        93..96 => FORMS[2],
        _ => FORMS[3],
    }
}

/// A firm's own word or words, without the legal form.
pub(super) fn draw_word(draw: &mut Draw) -> String {
    let word = draw.pick(&WORDS);
    let trade = draw.pick(&TRADES);
    match draw.below(100) {
        0..30 => word.to_owned(),
        30..70 => format!("{word}-{trade}"),
        70..85 => format!("{word} {trade}"),
        85..92 => format!("Торговый дом {word}"),
        _ => format!("{word}{}", trade.to_lowercase()),
    }
}

/// The short name in the given style.
pub(super) fn spell(form: Form, word: &str, style: Style) -> String {
    match style {
        Style::Quoted => format!("{} \"{word}\"", form.short),
        Style::Guillemets => format!("{} «{word}»", form.short),
        Style::FormLast => format!("{word} {}", form.short),
        Style::Bare => word.to_owned(),
    }
}

/// The name as the register has it.
pub(super) fn spell_in_full(form: Form, word: &str) -> String {
    format!("{} \"{word}\"", form.full)
}

/// Words firms are called by.
#[rustfmt::skip]
const WORDS: [&str; 222] = [
    "Авангард", "Аврора", "Акация", "Алмаз", "Алтай", "Альбатрос", "Альтаир", "Амбар", "Антарес", "Апрель",
    "Аргон", "Арка", "Астра", "Базальт", "Байкал", "Бархат", "Бастион", "Беркут", "Берег", "Бережок",
    "Берёзка", "Бирюза", "Бригантина", "Бриз", "Буревестник", "Василёк", "Верба", "Вереск", "Вершина",
    "Весна", "Ветеран", "Ветерок", "Виноград", "Вихрь", "Водолей", "Восток", "Восход", "Гавань",
    "Галактика", "Гамма", "Гарант", "Гвоздика", "Гермес", "Гефест", "Глобус", "Гнездо", "Горизонт",
    "Горница", "Гранит", "Гранат", "Гроза", "Дельта", "Дельфин", "Диалог", "Динамика", "Долина", "Дубрава",
    "Единство", "Ёлочка", "Жемчуг", "Журавль", "Забота", "Зарница", "Заря", "Заслон", "Звезда", "Зенит",
    "Зодиак", "Изумруд", "Импульс", "Ирис", "Искра", "Исток", "Каземат", "Каскад", "Кедр", "Кипарис",
    "Класс", "Клевер", "Клён", "Ключ", "Колос", "Колокол", "Комета", "Компас", "Контур", "Корабль",
    "Корунд", "Костёр", "Кристалл", "Крона", "Круг", "Купол", "Курс", "Лабиринт", "Ладья", "Ландыш",
    "Лазурит", "Легенда", "Ледник", "Лесник", "Лидер", "Лотос", "Луч", "Магистраль", "Магнолия", "Малахит",
    "Маяк", "Мельница", "Меридиан", "Метеор", "Мечта", "Мозаика", "Молния", "Монолит", "Мост", "Мрамор",
    "Надежда", "Навигатор", "Наследие", "Нева", "Нептун", "Нива", "Новация", "Оазис", "Облако", "Огонёк",
    "Океан", "Олимп", "Омега", "Оникс", "Опора", "Орбита", "Орион", "Орхидея", "Основа", "Остров", "Очаг",
    "Палитра", "Память", "Парус", "Пассаж", "Перевал", "Перспектива", "Пион", "Платина", "Подкова", "Полёт",
    "Полюс", "Полюшко", "Порыв", "Посад", "Престиж", "Прибой", "Прогресс", "Простор", "Пчёлка", "Пшеница",
    "Радуга", "Ракурс", "Рассвет", "Резерв", "Ресурс", "Родник", "Ромашка", "Росинка", "Рубин", "Рубеж",
    "Рябина", "Салют", "Сапфир", "Светлячок", "Свирель", "Север", "Сигма", "Сирень", "Скала", "Скиф",
    "Смена", "Созвездие", "Сокол", "Сосна", "Союз", "Спутник", "Старт", "Степь", "Стимул", "Стрела",
    "Тайга", "Темп", "Теремок", "Титан", "Топаз", "Тополь", "Торнадо", "Традиция", "Триумф", "Тюльпан",
    "Урожай", "Успех", "Утёс", "Факел", "Фиалка", "Финиш", "Флагман", "Форпост", "Фортуна", "Хризолит",
    "Хрусталь", "Центр", "Чайка", "Черёмуха", "Шанс", "Эверест", "Экватор", "Эталон", "Юпитер", "Юность",
    "Якорь", "Янтарь", "Яхонт", "Ясень",
];

/// What a firm adds to its word to tell its trade.
#[rustfmt::skip]
const TRADES: [&str; 32] = [
    "Сервис", "Строй", "Трейд", "Транс", "Авто", "Проект", "Снаб", "Торг", "Монтаж", "Логистика", "Мебель",
    "Электро", "Металл", "Пласт", "Инжиниринг", "Медиа", "Консалт", "Текстиль", "Продукт", "Агро", "Лес",
    "Тепло", "Свет", "Связь", "Опт", "Дизайн", "Фарм", "Софт", "Тур", "Энерго", "Клининг", "Комфорт",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_firm_has_four_spellings() {
        let form = FORMS[0];
        assert_eq!(spell(form, "Кедр", Style::Quoted), "ООО \"Кедр\"");
        assert_eq!(spell(form, "Кедр", Style::Guillemets), "ООО «Кедр»");
        assert_eq!(spell(form, "Кедр", Style::FormLast), "Кедр ООО");
        assert_eq!(spell(form, "Кедр", Style::Bare), "Кедр");
        assert_eq!(spell_in_full(form, "Кедр"), "Общество с ограниченной ответственностью \"Кедр\"");
    }

    #[test]
    fn words_do_not_repeat() {
        let distinct: std::collections::BTreeSet<_> = WORDS.iter().collect();
        assert_eq!(distinct.len(), WORDS.len());
        assert!(distinct.len() >= 150);
    }
}
