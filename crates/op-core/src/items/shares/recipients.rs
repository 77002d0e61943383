//! The recipients of shares.

use op_protocol::rest::{ShareRecipient, ValidateRecipientsRequest, ValidateRecipientsResponse, routes};

use crate::{
    client::Client,
    error::{Error, ErrorKind, Result},
    types::{AllowedRecipientType, ItemShareAccountPolicy, ValidRecipient},
};

/// Reads recipients as people write them, and fails if the account's policy does not allow one.
pub(crate) async fn validate(
    client: &Client,
    policy: &ItemShareAccountPolicy,
    recipients: &[String],
) -> Result<Vec<ValidRecipient>> {
    let mut parsed: Vec<ValidRecipient> = Vec::with_capacity(recipients.len());
    for text in recipients {
        let recipient = parse_allowed(policy, text)?;
        if !parsed.contains(&recipient) {
            parsed.push(recipient);
        }
    }
    let request = ValidateRecipientsRequest { recipients: parsed.iter().map(on_the_wire).collect() };
    let response: ValidateRecipientsResponse = client.api.query(&routes::VALIDATE_RECIPIENTS.at([]), &request).await?;
    if response.rejected_recipients.is_empty() {
        return Ok(parsed);
    }
    let rejected = response.rejected_recipients.iter().map(|rejected| match rejected {
        ShareRecipient::Email { email } => email.as_str(),
        ShareRecipient::Domain { domain } => domain.as_str(),
    });
    let problem = "recipient list contained recipients that are not permitted by account policy";
    Err(Error::new(ErrorKind::BadInput, problem)
        .with_reason(rejected.collect::<Vec<_>>().join(", "))
        .with_field("recipients"))
}

fn parse_allowed(policy: &ItemShareAccountPolicy, text: &str) -> Result<ValidRecipient> {
    let allows = |recipient: &ValidRecipient| policy.allowed_recipient_types.contains(&kind(recipient));
    let problem = "couldn't parse item share recipient. recipient had invalid format";
    let refuse = |reason: &str| {
        let reason = format_args!("`{}` {reason}", text.escape_debug());
        Error::new(ErrorKind::BadInput, problem).with_reason(reason).with_field("recipients")
    };
    let recipient =
        parse(text).ok_or_else(|| refuse("is neither an e-mail address nor a domain, such as `example.com`"))?;
    if allows(&recipient) { Ok(recipient) } else { Err(refuse("is of a kind that the policy does not allow")) }
}

fn kind(recipient: &ValidRecipient) -> AllowedRecipientType {
    match recipient {
        ValidRecipient::Email { .. } => AllowedRecipientType::Email,
        ValidRecipient::Domain { .. } => AllowedRecipientType::Domain,
    }
}

/// Reads an e-mail address, or a domain with or without `@` before it, as the public SDKs do.
fn parse(text: &str) -> Option<ValidRecipient> {
    let text = text.trim().to_lowercase();
    match text.split_once('@') {
        Some(("", domain)) if is_domain(domain) => Some(ValidRecipient::Domain { domain: domain.to_owned() }),
        Some((name, domain)) if is_local_part(name) && is_domain(domain) && !has_digits_at_end(domain) => {
            Some(ValidRecipient::Email { email: text })
        }
        None if is_domain(&text) => Some(ValidRecipient::Domain { domain: text }),
        _ => None,
    }
}

fn is_local_part(name: &str) -> bool {
    let is_reserved = |c: char| c.is_whitespace() || c.is_control() || "()<>[]:;,\\\"@".contains(c);
    !name.is_empty() && !name.contains(is_reserved)
}

/// Whether a text is the name of a host whose last label has at least two characters.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        let is_inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.bytes().all(is_inside)
    };
    let last = domain.rsplit_once('.').map_or("", |(_, last)| last);
    last.len() >= 2 && domain.split('.').all(is_label)
}

/// Whether the last label is not of letters alone, as it is in every e-mail address.
fn has_digits_at_end(domain: &str) -> bool {
    domain.rsplit('.').next().is_some_and(|last| last.bytes().any(|byte| !byte.is_ascii_alphabetic()))
}

/// Returns the form of a recipient in requests.
pub(super) fn on_the_wire(recipient: &ValidRecipient) -> ShareRecipient {
    match recipient {
        ValidRecipient::Email { email } => ShareRecipient::Email { email: email.trim().to_lowercase() },
        ValidRecipient::Domain { domain } => ShareRecipient::Domain { domain: domain.trim().to_lowercase() },
    }
}

/// Returns the recipient in a response.
pub(super) fn shown(recipient: ShareRecipient) -> ValidRecipient {
    match recipient {
        ShareRecipient::Email { email } => ValidRecipient::Email { email },
        ShareRecipient::Domain { domain } => ValidRecipient::Domain { domain },
    }
}
