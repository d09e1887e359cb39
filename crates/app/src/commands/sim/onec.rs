//! `obmen sim onec`.

use obmen_sim::onec::{Infobase, Product, Settings};
use serde_json::json;

use super::start::{interrupted, start};
use crate::cli::SimOnecArgs;
use crate::context::Context;
use crate::failure::{Ending, Failure};
use crate::output::print_json;

pub(super) async fn run(args: SimOnecArgs, context: &Context) -> Result<Ending, Failure> {
    let configuration = match args.configuration.as_str() {
        "bp30" => Product::Bp30,
        "ut11" => Product::Ut11,
        "unf" => Product::Unf,
        other => {
            let details = vec![("value", other.to_owned())];
            return Err(Failure::Said { id: "sim-configuration", details });
        }
    };
    let settings = Settings {
        user: args.user.clone(),
        password: args.password.clone(),
        configuration,
        ..Settings::default()
    };
    let path = settings.base_path.clone();
    let infobase = match args.sim.data {
        Some(_) => Infobase::new(settings),
        None => Infobase::furnished(settings),
    };
    let face = start(infobase, &args.sim, context).await?;
    let url = face.url();
    print_json(&json!({
        "odata_url": format!("{url}{path}"),
        "user": args.user,
        "control": format!("{url}/_sim/"),
    }));
    interrupted().await;
    Ok(Ending::Done)
}
