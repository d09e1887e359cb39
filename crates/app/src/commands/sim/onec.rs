//! `obmen sim onec`.

use obmen_engine::ports::Clock as _;
use obmen_sim::onec::{Infobase, Product, Settings, WebServer};
use obmen_sim::world::World as _;
use serde_json::{Value, json};

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
        web_server: if args.web_server == "iis" { WebServer::Iis } else { WebServer::Apache },
        ..Settings::default()
    };
    let path = settings.base_path.clone();
    let publication = path.trim_end_matches("/odata/standard.odata").to_owned();
    let mut infobase = match args.sim.data {
        Some(_) => Infobase::new(settings),
        None => Infobase::furnished(settings),
    };
    for (option, action) in actions(&args) {
        infobase.act(context.clock.now(), &action).map_err(|words| Failure::Said {
            id: "sim-option",
            details: vec![("option", option.to_owned()), ("words", words)],
        })?;
    }
    let face = start(infobase, &args.sim, context).await?;
    let url = face.url();
    let mut told = json!({
        "odata_url": format!("{url}{path}"),
        "user": args.user,
        "control": format!("{url}/_sim/"),
    });
    if args.extension.is_some() {
        told["extension_url"] = format!("{url}{publication}/hs/obmen/v1").into();
    }
    print_json(&told);
    interrupted().await;
    Ok(Ending::Done)
}

/// What an administrator does before the first request, each act with the option that asks for it.
fn actions(args: &SimOnecArgs) -> Vec<(&'static str, Value)> {
    let mut actions = vec![
        ("--if-match", json!({"do": "if-match", "honoured": args.if_match == "honoured"})),
        ("--sessions", json!({"do": "publish", "reuseSessions": args.sessions})),
        ("--licences", json!({"do": "license", "free": args.licences})),
        ("--hide", json!({"do": "hide", "refs": args.hide})),
    ];
    if let Some(mode) = &args.extension {
        actions.push(("--extension", json!({"do": "extend", "safe_mode": mode == "safe-mode"})));
    }
    if let Some(sets) = &args.sets {
        let sets: Vec<&str> = sets.iter().map(|set| set.trim()).filter(|set| !set.is_empty()).collect();
        actions.push(("--sets", json!({"do": "compose", "sets": sets})));
    }
    for (set, rows) in &args.restrict {
        actions.push(("--restrict", json!({"do": "restrict", "set": set, "rows": rows})));
    }
    for (set, rights) in &args.deny {
        let rights: Vec<&str> = rights.split(',').map(str::trim).collect();
        actions.push(("--deny", json!({"do": "deny", "set": set, "rights": rights})));
    }
    actions
}
