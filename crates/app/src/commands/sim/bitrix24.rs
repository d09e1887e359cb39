//! `obmen sim bitrix24`.

use obmen_sim::bitrix24::{Portal, Settings};
use serde_json::json;

use super::start::{interrupted, start};
use crate::cli::SimBitrix24Args;
use crate::context::Context;
use crate::failure::{Ending, Failure};
use crate::output::print_json;

#[expect(clippy::cast_precision_loss, reason = "seconds and requests of a limit are small numbers")]
pub(super) async fn run(args: SimBitrix24Args, context: &Context) -> Result<Ending, Failure> {
    let settings = Settings {
        user: args.user,
        secret: args.secret.clone(),
        per_second: args.per_second,
        burst: f64::from(args.burst),
        execution_seconds: args.execution_seconds as f64,
        ..Settings::default()
    };
    let path = settings.path();
    let face = start(Portal::new(settings), &args.sim, context).await?;
    let url = face.url();
    print_json(&json!({ "webhook_url": format!("{url}{path}"), "control": format!("{url}/_sim/") }));
    interrupted().await;
    Ok(Ending::Done)
}
