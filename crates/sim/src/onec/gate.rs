//! Who is let in: faults of the whole system, rules of the web server, and Basic authentication.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::http::{Request, Response};

use super::error::Refusal;
use super::render::typed;
use super::session::{Turned, Wish};
use super::settings::{Fault, Settings, WebServer};

/// The answer of a system that does not even look at the request.
pub(crate) fn fault(settings: &Settings) -> Option<Response> {
    match settings.fault? {
        Fault::Locked => Some(typed(
            503,
            "text/plain;charset=utf-8",
            "Начало сеанса с информационной базой запрещено. Выполняется обновление.".as_bytes().to_vec(),
        )),
        Fault::LoginPage => Some(typed(
            200,
            "text/html;charset=utf-8",
            "<!DOCTYPE html><html><body><form>Вход в сервис</form></body></html>".as_bytes().to_vec(),
        )),
        Fault::BadGateway => Some(typed(
            502,
            "text/html",
            b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
                .to_vec(),
        )),
        Fault::Empty => Some(typed(200, "text/plain", Vec::new())),
        Fault::NoLicence | Fault::LockConflict | Fault::UnfinishedUpdate => None,
    }
}

/// What the web server refuses before 1C sees it.
pub(crate) fn web_server(settings: &Settings, request: &Request) -> Option<Response> {
    let says_length = !request.body.is_empty()
        || request.header("Content-Length").or(request.header("Transfer-Encoding")).is_some();
    let query = request.target.split_once('?').map_or(0, |(_, query)| query.len());
    let line = request.method.len() + request.target.len() + " ".len() + " HTTP/1.1".len();
    let (status, title) = match settings.web_server {
        WebServer::Apache if line > 8190 => (414, "Request-URI Too Long"),
        WebServer::Iis if query > 2048 => (404, "404.15 Query String Too Long"),
        WebServer::Iis if request.method != "GET" && !says_length => (411, "Length Required"),
        WebServer::Apache | WebServer::Iis => return None,
    };
    let page = format!("<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>");
    Some(typed(status, "text/html", page.into_bytes()))
}

/// Why no write succeeds at present.
pub(crate) fn write_fault(settings: &Settings) -> Option<Refusal> {
    match settings.fault? {
        Fault::LockConflict => Some(Refusal::exception(
            "Ошибка при выполнении операции с информационной базой: конфликт блокировок при выполнении транзакции. \
             Превышено максимальное время ожидания предоставления блокировки",
        )),
        Fault::UnfinishedUpdate => Some(Refusal::exception(
            "Запись объекта временно недоступна: не завершена обработка данных при переходе на новую версию программы",
        )),
        Fault::Locked | Fault::LoginPage | Fault::NoLicence | Fault::BadGateway | Fault::Empty => None,
    }
}

/// The answer to a caller who is not the user.
pub(crate) fn stranger(settings: &Settings, request: &Request) -> Option<Response> {
    let given = request.header("Authorization").and_then(credentials);
    if given.as_deref() == Some(format!("{}:{}", settings.user, settings.password).as_str()) {
        return None;
    }
    let mut response =
        typed(401, "text/plain;charset=utf-8", "Пользователь не авторизован".as_bytes().to_vec());
    response.headers.push(("WWW-Authenticate".to_owned(), "Basic realm=\"1C:Enterprise 8.3\"".to_owned()));
    Some(response)
}

/// Name and password as UTF-8; other encodings are not understood.
fn credentials(header: &str) -> Option<String> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()
}

pub(crate) fn wish(request: &Request) -> Wish<'_> {
    let cookies = request.header("Cookie").unwrap_or("");
    let cookie = cookies.split(';').find_map(|one| one.trim().strip_prefix("ibsession="));
    Wish { header: request.header("IBSession").map(str::trim), cookie }
}

pub(crate) fn turned_away(turned: Turned) -> Response {
    let (status, text) = match turned {
        Turned::PoolExhausted => (406, "Превышено время ожидания свободного сеанса"),
        Turned::UnknownSession => (400, "Сеанс не найден или завершен"),
        Turned::NoLicence => (500, "Не обнаружено свободной лицензии!"),
    };
    typed(status, "text/plain;charset=utf-8", text.as_bytes().to_vec())
}
