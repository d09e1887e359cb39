//! `obmen sim bitrix24`.

use obmen_sim::bitrix24::{DeliverySettings, Portal, Rights, Settings};
use serde_json::json;

use super::start::{interrupted, start};
use crate::cli::SimBitrix24Args;
use crate::context::Context;
use crate::failure::{Ending, Failure};
use crate::output::print_json;

pub(super) async fn run(args: SimBitrix24Args, context: &Context) -> Result<Ending, Failure> {
    let settings = settings(&args);
    let path = settings.path();
    let face = start(Portal::new(settings), &args.sim, context).await?;
    let url = face.url();
    print_json(&json!({ "webhook_url": format!("{url}{path}"), "control": format!("{url}/_sim/") }));
    interrupted().await;
    Ok(Ending::Done)
}

/// The limits of the tariff hold where no other limit is given.
fn settings(args: &SimBitrix24Args) -> Settings {
    let (rights, events) = (&args.rights, &args.events);
    let mut settings = Settings {
        user: args.user,
        secret: args.secret.clone(),
        state: args.state,
        admin: !rights.employee,
        rights: Rights { contacts: rights.contacts, companies: rights.companies },
        deliveries: DeliverySettings {
            seed: events.event_seed,
            delay_seconds: events.event_delay,
            spread_seconds: events.event_spread,
            loss: events.event_loss,
            doubling: events.event_doubling,
        },
        ..Settings::default()
    };
    args.tariff.set_limits(&mut settings);
    settings.per_second = args.per_second.unwrap_or(settings.per_second);
    settings.burst = args.burst.map_or(settings.burst, f64::from);
    settings.execution_seconds = args.execution_seconds.map_or(settings.execution_seconds, f64::from);
    settings
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use obmen_sim::bitrix24::{Reach, State, Tariff};

    use super::*;
    use crate::cli::{Cli, Command, SimCommand};

    fn parsed(flags: &[&str]) -> Result<Settings, String> {
        let arguments = ["obmen", "sim", "bitrix24"].iter().chain(flags);
        match Cli::try_parse_from(arguments).map_err(|error| error.to_string())?.command {
            Command::Sim(SimCommand::Bitrix24(args)) => Ok(settings(&args)),
            other => Err(format!("another command: {other:?}")),
        }
    }

    #[test]
    fn without_flags_it_is_an_administrator_s_webhook_on_an_ordinary_portal() {
        let expected = Settings { secret: "demo".to_owned(), ..Settings::default() };
        assert_eq!(parsed(&[]), Ok(expected));
    }

    #[test]
    fn a_tariff_sets_the_limits_that_no_flag_sets() {
        let enterprise = parsed(&["--tariff", "enterprise", "--burst", "7"]).unwrap();
        assert_eq!(enterprise.tariff, Tariff::Enterprise);
        assert_eq!((enterprise.per_second, enterprise.burst), (5.0, 7.0));
        assert_eq!(parsed(&["--tariff", "box"]).unwrap().burst, f64::INFINITY);
        assert!(parsed(&["--tariff", "cheap"]).unwrap_err().contains("professional"));
    }

    #[test]
    fn states_rights_and_events_have_flags() {
        let flags = ["--state", "payment-required", "--employee", "--contacts", "all/own", "--companies"];
        let events = ["none", "--event-delay", "2", "--event-spread", "3", "--event-loss", "0.1"];
        let more = ["--event-doubling", "0.2", "--event-seed", "9"];
        let settings = parsed(&[flags.as_slice(), &events, &more].concat()).unwrap();
        assert_eq!((settings.state, settings.admin), (State::PaymentRequired, false));
        assert_eq!((settings.rights.contacts.read, settings.rights.contacts.write), (Reach::All, Reach::Own));
        assert_eq!(settings.rights.companies.read, Reach::Nothing);
        let expected =
            DeliverySettings { seed: 9, delay_seconds: 2.0, spread_seconds: 3.0, loss: 0.1, doubling: 0.2 };
        assert_eq!(settings.deliveries, expected);
        assert!(parsed(&["--contacts", "own"]).is_err(), "an administrator has all rights");
    }
}
