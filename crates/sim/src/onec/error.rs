//! Refusals of the interface: an HTTP status, the code of the error table, and a sentence.
//!
//! Not responsible for the bytes of the answer (see `render`).

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: i32,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: i32, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub(crate) fn not_supported(what: &str) -> Self {
        Self::new(501, 0, format!("Не поддерживается: {what}"))
    }

    pub(crate) fn unparsed(text: &str) -> Self {
        Self::new(400, 1, format!("Ошибка разбора строки: {text}"))
    }

    pub(crate) fn bad_format(why: &str) -> Self {
        Self::new(400, 2, format!("Неверный формат запроса: {why}"))
    }

    pub(crate) fn representation(what: &str) -> Self {
        Self::new(400, 3, format!("Запрошенный тип представления не поддерживается: {what}"))
    }

    pub(crate) fn value(property: &str) -> Self {
        Self::new(400, 4, format!("Неверное значение свойства: {property}"))
    }

    pub(crate) fn missing(property: &str) -> Self {
        Self::new(400, 5, format!("Не указано обязательное значение: {property}"))
    }

    pub(crate) fn no_key_part(name: &str) -> Self {
        Self::new(400, 7, format!("Не указана часть ключа: {name}"))
    }

    pub(crate) fn url(target: &str) -> Self {
        Self::new(404, 6, format!("Неверный URL: {target}"))
    }

    pub(crate) fn no_set(set: &str) -> Self {
        Self::new(404, 8, format!("Тип сущности \"{set}\" не найден"))
    }

    pub(crate) fn no_instance(set: &str, key: uuid::Uuid) -> Self {
        Self::new(404, 9, format!("Экземпляр сущности {set}(guid'{key}') не найден"))
    }

    pub(crate) fn no_property(name: &str) -> Self {
        Self::new(400, 10, format!("Сегмент пути или свойство \"{name}\" не найдено"))
    }

    /// Whether it is about a property that there is not.
    pub(crate) fn is_unknown_name(&self) -> bool {
        self.code == 10
    }

    pub(crate) fn no_function(name: &str) -> Self {
        Self::new(400, 11, format!("Метод \"{name}\" не найден"))
    }

    pub(crate) fn no_argument(name: &str) -> Self {
        Self::new(400, 12, format!("Не указан обязательный аргумент метода \"{name}\""))
    }

    pub(crate) fn option(name: &str) -> Self {
        Self::new(400, 14, format!("Ошибка разбора опции запроса: {name}"))
    }

    pub(crate) fn exists(set: &str, key: uuid::Uuid) -> Self {
        Self::new(400, 15, format!("Сущность {set} с ключом {key} уже существует"))
    }

    pub(crate) fn read_only(property: &str) -> Self {
        Self::new(400, 16, format!("Свойству \"{property}\" нельзя присвоить значение"))
    }

    pub(crate) fn method(method: &str) -> Self {
        Self::new(405, 19, format!("HTTP-метод {method} здесь не разрешен"))
    }

    pub(crate) fn denied() -> Self {
        Self::new(401, 20, "Нарушение прав доступа")
    }

    pub(crate) fn argument(what: &str) -> Self {
        Self::new(400, 21, format!("Неверный аргумент функции или лямбда-выражение: {what}"))
    }

    pub(crate) fn exception(text: &str) -> Self {
        Self::new(500, -1, text)
    }
}
