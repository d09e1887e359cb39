//! `obmen backup`: a copy of the whole store, and the notice that one works with an old copy.
//!
//! Nothing has to be done after an old copy took the store's place: the next sync reads everything again. But whoever
//! decided something since has to decide it again, and should know.

use obmen_engine::ports::Clock as _;
use obmen_engine::store::Store;
use obmen_store::{BackupError, COPIED_AT, back_up};
use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::cli::BackupArgs;
use crate::config::Loaded;
use crate::context::Context;
use crate::failure::{Ending, Failure};
use crate::output::print_json;

/// Makes the copy.
pub(crate) async fn run(args: BackupArgs, context: &Context) -> Result<Ending, Failure> {
    let loaded = Loaded::read(&context.global.config)?;
    let url = loaded.store_url()?;
    let (folder, at) = (loaded.document.folder(), context.clock.now());
    let file = args.file.clone();
    let copied = tokio::task::spawn_blocking(move || back_up(url.expose_secret(), &folder, &file, at));
    let bytes = copied.await.map_err(|error| Failure::Other(error.into()))??;
    let file = args.file.display().to_string();
    if context.global.json {
        print_json(&json!({ "file": file, "bytes": bytes }));
    } else {
        let kilobytes = bytes.div_ceil(1024).to_string();
        context.print(&context.say_with("backup-made", &[("file", file.into()), ("size", kilobytes.into())]));
    }
    Ok(Ending::Done)
}

/// Tells that the store is an old copy of itself, where it is one.
pub(super) async fn tell_age(store: &dyn Store, context: &Context) -> Result<(), Failure> {
    let Some(at) = store.recall(COPIED_AT).await?.filter(|at| !at.is_empty()) else { return Ok(()) };
    let args = [("at", at.into())];
    context.aside(&context.say_with("backup-restored", &args));
    if let Some(remedy) = context.words.remedy("backup-restored", &args) {
        context.aside(&context.say_with("remedy", &[("text", remedy.into())]));
    }
    Ok(())
}

/// After a whole sync the store is of today.
pub(super) async fn forget_age(store: &dyn Store) -> Result<(), Failure> {
    if store.recall(COPIED_AT).await?.is_some_and(|at| !at.is_empty()) {
        store.keep(COPIED_AT, String::new()).await?;
    }
    Ok(())
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Postgres => Self::said("backup-postgres"),
            BackupError::Missing { store } => {
                Self::Said { id: "store-missing", details: vec![("store", store)] }
            }
            BackupError::Exists { file } => Self::Said { id: "backup-exists", details: vec![("file", file)] },
            BackupError::Open(error) => error.into(),
        }
    }
}
