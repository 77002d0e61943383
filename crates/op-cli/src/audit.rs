//! `opwire audit`.

use anyhow::Result;
use clap::Args;
use op_core::admin;
use op_protocol::{permissions, rest::AuditEvent};

use crate::{
    out,
    sign_in::{self, AccountChoice},
};

/// How many events one request asks for at most.
const PAGE: u32 = 1000;

#[derive(Args)]
pub(crate) struct Arguments {
    /// Maximum number of events to show, newest first
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u32,
    /// Print each event as a line of JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    account: AccountChoice,
}

pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let (_, client) = sign_in::person(&arguments.account).await?;
    let (mut left, mut before) = (arguments.limit, None);
    while left > 0 {
        let page = admin::audit(&client, left.min(PAGE), before.as_deref()).await?;
        for event in &page.events {
            if arguments.json { out::json(event, false)? } else { print(event)? }
        }
        left = left.saturating_sub(u32::try_from(page.events.len())?);
        match page.next {
            Some(next) => before = Some(next),
            None => break,
        }
    }
    Ok(())
}

fn print(event: &AuditEvent) -> Result<()> {
    let permissions = event.acl.map(|acl| permissions::names(acl).replace(" and ", " "));
    let mut cells: Vec<&str> = vec![&event.at, &event.actor_uuid, &event.action, &event.object_uuid];
    cells.extend(event.other_uuid.as_deref());
    cells.extend(permissions.as_deref());
    out::row(&cells)
}
