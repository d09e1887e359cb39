//! How a portal is entered: by the address of an incoming webhook, or as an application with tokens.

/// How a portal is entered. All of it is secret.
#[derive(Clone)]
pub enum Access {
    /// By this address of an incoming webhook, `https://…/rest/<user>/<secret>/`.
    Webhook(String),
    /// As an application.
    App(App),
}

/// An application of the portal.
#[derive(Clone)]
pub struct App {
    /// The portal's address, `https://demo.bitrix24.ru`; tokens of another one are refused.
    pub portal: String,
    /// The application's id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// A token to begin with, where none came by the installation.
    pub refresh_token: Option<String>,
    /// The vendor's authorisation server.
    pub auth_url: String,
}

impl Access {
    /// The address of the portal, with the secret of a webhook.
    pub fn url(&self) -> &str {
        match self {
            Self::Webhook(url) => url,
            Self::App(app) => &app.portal,
        }
    }

    /// The portal's address without any secret; `None` where the address is of no known shape.
    pub fn portal(&self) -> Option<&str> {
        match self {
            Self::Webhook(url) => {
                let mut parts = url.trim_end_matches('/').rsplitn(4, '/');
                let (_secret, _user, rest, portal) =
                    (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
                (rest == "rest" && !portal.contains('@')).then_some(portal)
            }
            Self::App(app) => Some(app.portal.trim_end_matches('/')),
        }
    }

    /// Takes secrets out of words that may hold them.
    pub(crate) fn redact(&self, words: &str) -> String {
        match self {
            Self::Webhook(url) => words.replace(url.trim_end_matches('/'), "<webhook>"),
            Self::App(app) => words.replace(&app.client_secret, "<secret>"),
        }
    }
}

/// Scheme, host and port of an address.
pub(crate) fn origin(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty() && !host.contains('@'))?;
    Some(&url[..scheme.len() + "://".len() + host.len()])
}

/// The same address at another origin.
pub(crate) fn at_origin(url: &str, new: &str) -> String {
    let old = origin(url).unwrap_or_default();
    format!("{new}{}", url.strip_prefix(old).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_moves_to_another_origin_with_its_path() {
        assert_eq!(origin("https://a.example:8443/rest/1/x/?y"), Some("https://a.example:8443"));
        assert_eq!(origin("/rest/1/x/"), None);
        assert_eq!(origin("https://user:word@a.example/"), None);
        let moved = at_origin("https://a.example/rest/1/x/", "https://b.example");
        assert_eq!(moved, "https://b.example/rest/1/x/");
    }
}
