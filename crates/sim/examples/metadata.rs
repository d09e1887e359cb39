//! Prints the `$metadata` of a simulated infobase: `cargo run -p obmen-sim --example metadata -- unf`.

use std::io::Write as _;

use obmen_sim::http::Request;
use obmen_sim::onec::{Infobase, Product, Settings};
use obmen_sim::world::World as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let configuration = match std::env::args().nth(1).as_deref() {
        Some("bp30") => Product::Bp30,
        Some("ut11") => Product::Ut11,
        Some("unf") => Product::Unf,
        _ => return Err("name a configuration: bp30, ut11 or unf".into()),
    };
    let settings = Settings { configuration, ..Settings::default() };
    let request = Request {
        method: "GET".to_owned(),
        target: format!("{}/$metadata", settings.base_path),
        // "obmen:secret", the user and password of the default settings.
        headers: vec![("Authorization".to_owned(), "Basic b2JtZW46c2VjcmV0".to_owned())],
        body: vec![],
    };
    let answer = Infobase::new(settings).handle(jiff::Timestamp::UNIX_EPOCH, &request);
    if answer.status != 200 {
        return Err(format!("status {}", answer.status).into());
    }
    std::io::stdout().write_all(&answer.body)?;
    Ok(())
}
